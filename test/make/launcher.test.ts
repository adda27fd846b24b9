import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { listNames } from '../../lib/core/files.ts'
import { truncated } from '../support/damage.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { stemsIn } from '../support/output.ts'
import { copyProject } from '../support/project-copy.ts'
import { start } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 40 }),
  makeNight({ night: '20191003', alerts: 30 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
  makeNight({ night: '20200101', alerts: 20, damage: { 2: truncated } }),
  makeNight({ night: '20210401', alerts: 10, cutTar: { member: 8, bytes: 900 } }),
  emptyNight('20250326', 'tar'),
]
const BROKEN = { name: 'ztf_public_20230101.tar.gz', bytes: Buffer.alloc(2000, 7) }
const SCRIPT = join(import.meta.dirname, '../support/launcher.sh')
const LAUNCHER = `LAUNCHER=${SCRIPT}`
const WAIT = `--import ${moduleUrl('wait.mjs')}`
const DIE = `--import ${moduleUrl('die.mjs')}`

test('makes the same lake with the tasks of a launcher as with one process, and prints one sum', async t => {
  const alone = await openSpace(t)
  assert.equal((await alone.make('lake WORKERS=2')).status, 0)
  const space = await openSpace(t)
  const { status, out, err } = await launch(space, `${LAUNCHER} 4`)
  assert.deepEqual([status, err], [0, ''], out)
  assert.deepEqual(differing(await bytesBelow(space.paths.lake), await bytesBelow(alone.paths.lake)), [])
  assert.equal(out.match(/^task [1-4] of 4 on \S+: \d nights?, \S+ \S+, 2 workers$/gm)?.length, 4, out)
  assert.equal(stemsIn(out, 'converted').length, NIGHTS.length)
  assert.match(out, /^6 nights into the lake, 101 alerts: .* alerts\/s$/m)
  assert.deepEqual(await listNames(join(space.paths.data, 'lock')), [])
})

test('converts each night once with more tasks than nights', async t => {
  const { status, out, err } = await launch(await openSpace(t), `${LAUNCHER} 9`)
  assert.deepEqual([status, err, stemsIn(out, 'converted').length], [0, '', NIGHTS.length], out)
})

test('names a night that fails in a task, and converts the others', async t => {
  const space = await openSpace(t)
  await writeFile(join(space.paths.tarballs, BROKEN.name), BROKEN.bytes)
  const { status, out, err } = await launch(space, `${LAUNCHER} 3`)
  assert.equal(status, 2)
  assert.match(out, /^FAILED {4}ztf_public_20230101 {2}it was not converted: /m)
  assert.match(out, /^6 nights into the lake, /m)
  assert.match(err, /^error: 1 night failed \(ztf_public_20230101\): run make lake DATA=\S+ URIS=\S+ again$/m)
  assert.match(await readFile(join(space.paths.failed, 'ztf_public_20230101.txt'), 'utf8'), /it was not converted/)
})

test('fails the nights of a task that was not started, although the launcher succeeds, and a rerun converts them', async t => {
  const space = await openSpace(t)
  const { status, out } = await launch(space, `${LAUNCHER} 3`, { SKIP: '1' })
  assert.equal(status, 2)
  const failed = out.match(/^FAILED {4}\S+ {2}task 2 of 3 ended before this night, or never started$/gm) ?? []
  assert.ok(failed.length > 0, out)
  assert.match(out, new RegExp(`^${NIGHTS.length - failed.length} nights into the lake, `, 'm'))
  assert.deepEqual(await failures(space), [...failed].sort())
  const again = await launch(space, `${LAUNCHER} 2`)
  assert.equal(again.status, 0)
  assert.deepEqual(await failures(space), [])
  assert.match(again.out, new RegExp(`^${failed.length} nights? into the lake, `, 'm'))
})

test('ignores the exit status of a launcher whose tasks have converted every night', async t => {
  const { status, err } = await launch(await openSpace(t), `${LAUNCHER} 2`, { STATUS: '9' })
  assert.deepEqual([status, err], [0, ''])
})

test('names a launcher that starts no task', async t => {
  const { status, err } = await launch(await openSpace(t), 'LAUNCHER=no-such-launcher -n 4')
  assert.equal(status, 2)
  assert.match(err, /^error: the launcher started no task, and exited with 127: no-such-launcher -n 4$/m)
  assert.doesNotMatch(err, /^\s+at /m)
})

test('converts no night twice if a launcher gives its tasks no rank, or the same rank', async t => {
  const none = await launch(await openSpace(t), 'LAUNCHER=env')
  assert.equal(none.status, 2)
  assert.match(none.err, /^error: LAUNCHER starts tasks without /m)
  const twice = await launch(await openSpace(t), `${LAUNCHER} 2 ${SCRIPT} 2`)
  assert.match(twice.err, /^error: the launcher .*started task [12] of 2 twice$/m)
  assert.deepEqual([stemsIn(twice.out, 'converted').length, twice.status], [NIGHTS.length, 0], twice.out)
})

test('fails only the night of a worker that dies in a task', async t => {
  const env = { NODE_OPTIONS: DIE, DIE_AT: 'ztf_public_20200101' }
  const { status, out } = await launch(await openSpace(t), `${LAUNCHER} 2`, env)
  assert.deepEqual([status, stemsIn(out, 'FAILED')], [2, ['ztf_public_20200101']])
  assert.match(out, /^FAILED {4}ztf_public_20200101 {2}.* died twice/m)
  assert.match(out, /^5 nights into the lake/m)
})

test('with KEEP_TARS=no the tasks remove the tarballs of nights that are in the lake', async t => {
  const space = await openSpace(t)
  assert.equal((await space.make('lake NIGHTS=2018')).status, 0)
  const { status, out } = await launch(space, `${LAUNCHER} 3`, {}, 'KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(out, /^checked {3}ztf_public_20180713 {2}tarball removed$/m)
  const left = (await listNames(space.paths.tarballs)).filter(name => name.endsWith('.gz'))
  // A cut tarball stays, because a better copy may appear.
  assert.deepEqual(left, ['ztf_public_20210401.tar.gz'])
})

test('make lake-array starts ELEMENTS tasks by sbatch', async t => {
  const space = await openSpace(t)
  const project = await copyProject(t, { packages: true })
  const bin = join(space.folder, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'sbatch'), '#!/bin/bash\necho "sbatch $*"\n', { mode: 0o755 })
  const PATH = `${bin}:${process.env.PATH}`
  for (const [config, args, count] of [
    ['', '', '64'],
    ['ELEMENTS = 5', '', '5'],
    ['ELEMENTS = 5', ' ELEMENTS=3', '3'],
  ]) {
    await writeFile(join(project, 'config.mk'), `${config}\n`)
    const { status, out } = await space.make(`lake-array${args}`, { env: { PATH }, cwd: project })
    assert.equal(status, 2)
    assert.match(out, new RegExp(`^sbatch --wait --array=1-${count} scripts/lake-array.sbatch \\S*node\\S* `, 'm'))
  }
})

for (const [how, signal] of [
  ['ended', 'SIGTERM'],
  ['killed', 'SIGKILL'],
] as const)
  test(`ends the tasks on other hosts when make is ${how}, and a rerun converts the rest`, async t => {
    const space = await openSpace(t)
    const wait = join(space.folder, 'wait')
    await writeFile(wait, String(process.pid))
    t.after(() => rm(wait, { force: true }))
    const { child, ran } = startTasks(space, `LAUNCHER=setsid -w ${SCRIPT} 2`, { NODE_OPTIONS: WAIT, WAIT: wait })
    await space.until(async () => (await listNames(space.paths.staging)).length >= 2)
    process.kill(-(child.pid as number), signal)
    // Tasks of a killed run exit once the next run has taken over the lock.
    if (signal === 'SIGTERM') await ran
    const again = space.start('lake WORKERS=2')
    await ran
    await rm(wait)
    const { status, out, err } = await again.ran
    assert.deepEqual([status, err], [0, ''], out)
    assert.match(out, /^6 nights into the lake, 101 alerts/m)
    assert.deepEqual(await listNames(join(space.paths.data, 'lock')), [])
  })

/** Opens a workspace with the nights' tarballs on disk. */
async function openSpace(t: TestContext): Promise<Workspace> {
  const space = await Workspace.open(t, [])
  await space.put(...NIGHTS)
  return space
}

/** The nights that make status calls failed, in the form of the lines of make lake. */
async function failures(space: Workspace): Promise<string[]> {
  const { out } = await space.make('status')
  return [...out.matchAll(/^failed {4}(\S+): (.*)$/gm)].map(([, stem, reason]) => `FAILED    ${stem}  ${reason}`)
}

function launch(space: Workspace, launcher: string, env: Record<string, string> = {}, ...settings: string[]) {
  return startTasks(space, launcher, env, ...settings).ran
}

/** Starts make lake with a LAUNCHER of several words. */
function startTasks(space: Workspace, launcher: string, env: Record<string, string> = {}, ...settings: string[]) {
  const args = ['lake', 'WORKERS=2', launcher, ...space.settings, ...settings]
  return space.track(start('make', args, { env, detached: true }))
}

function moduleUrl(name: string): string {
  return pathToFileURL(join(import.meta.dirname, '../support', name)).href
}
