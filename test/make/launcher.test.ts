import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { listNames } from '../../lib/core/files.ts'
import { Paths } from '../../lib/paths.ts'
import { truncated } from '../../lib/synthetic/damage.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { temporaryFolder } from '../support/folder.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { type RunOptions, start } from '../support/run.ts'
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
const LAUNCHER = `LAUNCHER=${join(import.meta.dirname, 'support/launcher.sh')}`
const WAIT = pathToFileURL(join(import.meta.dirname, 'support/wait.mjs')).href
const DIE = { NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'support/die.mjs')).href}` }

test('the tasks of a launcher make the lake that one process makes, and the end tells the sum', async t => {
  const alone = await folder(t)
  assert.equal((await make(alone).ran).status, 0)
  const spread = await folder(t)
  const { status, out, err } = await make(spread, [`${LAUNCHER} 4`]).ran
  assert.deepEqual([status, err], [0, ''], out)
  assert.deepEqual(differing(await bytesBelow(spread.lake), await bytesBelow(alone.lake)), [])
  assert.equal(out.match(/^task [1-4] of 4 on \S+: \d nights?, \S+ \S+, 2 workers$/gm)?.length, 4, out)
  assert.equal(out.match(/^converted /gm)?.length, NIGHTS.length)
  assert.match(out, /^6 nights into the lake, 101 alerts: .* alerts\/s$/m)
  assert.deepEqual(await listNames(join(spread.data, 'lock')), [])
})

test('more tasks than nights do them all, and each night once', async t => {
  const paths = await folder(t)
  const { status, out, err } = await make(paths, [`${LAUNCHER} 9`]).ran
  assert.deepEqual([status, err, out.match(/^converted /gm)?.length], [0, '', NIGHTS.length], out)
})

test('a night that fails on a task is named, the others are done, and the exit status tells', async t => {
  const paths = await folder(t)
  await writeFile(join(paths.tarballs, BROKEN.name), BROKEN.bytes)
  const { status, out, err } = await make(paths, [`${LAUNCHER} 3`]).ran
  assert.equal(status, 2)
  assert.match(out, /^FAILED {4}ztf_public_20230101 {2}it was not converted: /m)
  assert.match(out, /^6 nights into the lake, /m)
  assert.match(err, /^error: 1 night failed \(ztf_public_20230101\): make lake tries again$/m)
  assert.match(await readFile(join(paths.failed, 'ztf_public_20230101.txt'), 'utf8'), /it was not converted/)
})

test('nights of a task that was not started have failed, whatever the launcher says, and the rerun does them', async t => {
  const paths = await folder(t)
  const { status, out } = await make(paths, [`${LAUNCHER} 3`], { env: { SKIP: '1' } }).ran
  assert.equal(status, 2)
  const missing = out.match(/^FAILED {4}\S+ {2}task 2 of 3 ended, or was never started, before it told of it$/gm) ?? []
  assert.ok(missing.length > 0, out)
  assert.match(out, new RegExp(`^${NIGHTS.length - missing.length} nights into the lake, `, 'm'))
  const again = await make(paths, [`${LAUNCHER} 2`]).ran
  assert.equal(again.status, 0)
  assert.match(again.out, new RegExp(`^${missing.length} nights? into the lake, `, 'm'))
})

test('a launcher that fails although all is done fails nothing', async t => {
  const { status, err } = await make(await folder(t), [`${LAUNCHER} 2`], { env: { STATUS: '9' } }).ran
  assert.deepEqual([status, err], [0, ''])
})

test('a launcher that starts nothing is told of in one sentence', async t => {
  const paths = await folder(t)
  const { status, err } = await make(paths, ['LAUNCHER=no-such-launcher -n 4']).ran
  assert.equal(status, 2)
  assert.match(err, /^error: the launcher started no task and ended with status 127: no-such-launcher -n 4$/m)
  assert.doesNotMatch(err, /^\s+at /m)
})

test('a launcher that tells its tasks no rank, or the same twice, has no night done twice', async t => {
  const none = await make(await folder(t), ['LAUNCHER=env']).ran
  assert.equal(none.status, 2)
  assert.match(none.err, /^error: LAUNCHER starts tasks without telling them their number: /m)
  const paths = await folder(t)
  const twice = await make(paths, [`${LAUNCHER} 2 ${LAUNCHER.slice(9)} 2`]).ran
  assert.match(twice.err, /^error: the launcher has started task [12] of 2 twice$/m)
  assert.equal(twice.out.match(/^converted /gm)?.length, NIGHTS.length, twice.out)
  assert.equal(twice.status, 0)
})

test('a worker of a task that dies fails its night only', async t => {
  const paths = await folder(t)
  const { status, out } = await make(paths, [`${LAUNCHER} 2`], { env: { ...DIE, DIE_AT: 'ztf_public_20200101' } }).ran
  assert.equal(status, 2)
  assert.match(out, /^FAILED {4}ztf_public_20200101 {2}the process at work on it died twice/m)
  assert.match(out, /^5 nights into the lake/m)
})

test('with KEEP_TARS=no tasks remove the tarballs of what they have converted, and of what was converted before', async t => {
  const paths = await folder(t)
  assert.equal((await make(paths, ['NIGHTS=2018']).ran).status, 0)
  const { status, out } = await make(paths, [`${LAUNCHER} 3`, 'KEEP_TARS=no']).ran
  assert.equal(status, 0)
  assert.match(out, /^checked {3}ztf_public_20180713 {2}tarball removed$/m)
  const left = (await listNames(paths.tarballs)).filter(name => name.endsWith('.gz'))
  // Of the one that is cut a better copy may come.
  assert.deepEqual(left, ['ztf_public_20210401.tar.gz'])
})

test('the tasks of a launcher fetch each night once, and the end names what did not come', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  const [first] = NIGHTS as [SyntheticNight]
  space.archive.faults.set(first.name, { status: 404 })
  space.asked()
  const run = () => start('make', [...space.settings, 'download', '-j2', `${LAUNCHER} 3`]).ran
  const { status, out, err } = await run()
  const offered = NIGHTS.map(({ name }) => name).filter(name => name !== 'ztf_public_20250326.tar.gz')
  assert.equal(status, 2, out)
  assert.equal(out.match(/^task [1-3] of 3 on \S+: \d nights?, .*, -j2$/gm)?.length, 3, out + err)
  assert.match(out, /^ztf_public_20180713: it was not fetched: .*404/m)
  assert.match(err, /^error: 1 night not fetched: make download tries again$/m)
  assert.deepEqual(space.asked(), offered.filter(name => name !== first.name).sort())
  space.archive.faults.clear()
  assert.equal((await run()).status, 0)
  for (const name of offered) assert.ok(await space.tarball(name))
  assert.deepEqual(await listNames(join(space.paths.data, 'lock')), [])
})

for (const [how, signal] of [
  ['ended', 'SIGTERM'],
  ['killed', 'SIGKILL'],
] as const)
  test(`when make is ${how}, the tasks that its launcher has put elsewhere end, and the rerun does what is missing`, async t => {
    const paths = await folder(t)
    const wait = join(paths.data, 'wait')
    await writeFile(wait, '')
    const env = { NODE_OPTIONS: `--import ${WAIT}`, WAIT: wait }
    const { child, ran } = make(paths, [`LAUNCHER=setsid -w ${LAUNCHER.slice(9)} 2`], { env, detached: true })
    while ((await listNames(paths.staging)).length < 2) await sleep(20)
    process.kill(-(child.pid as number), signal)
    // Nobody tells tasks of a run that was killed: they see it when the next one has the lock.
    if (signal === 'SIGTERM') await ran
    const again = make(paths)
    await ran
    await rm(wait)
    const { status, out, err } = await again.ran
    assert.deepEqual([status, err], [0, ''], out)
    assert.match(out, /^6 nights into the lake, 101 alerts/m)
    assert.deepEqual(await listNames(join(paths.data, 'lock')), [])
  })

/** A data folder with the nights' tarballs. */
async function folder(t: TestContext): Promise<Paths> {
  const paths = new Paths(join(await temporaryFolder(t), 'data'))
  await mkdir(paths.tarballs, { recursive: true })
  for (const { name, bytes } of NIGHTS) await writeFile(join(paths.tarballs, name), bytes)
  return paths
}

function make({ data }: Paths, settings: readonly string[] = [], options: RunOptions = {}) {
  return start('make', ['lake', `DATA=${data}`, `URIS=${data}-uris`, 'WORKERS=2', ...settings], options)
}
