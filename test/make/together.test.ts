import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { glob, sha256Of } from '../../lib/core/files.ts'
import { makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { nightOf } from '../support/data-folder.ts'
import type { Ran, Running, RunOptions } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401'].map(night => makeNight({ night, alerts: 8 }))
const [FIRST, , THIRD] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight]
const WAIT = pathToFileURL(join(import.meta.dirname, 'support/wait.mjs')).href

for (const target of ['lake', 'download -j2', 'all -j2', 'all -j2 KEEP_TARS=no'])
  test(`of two make ${target} at once one works, and the other says who does and stops`, async t => {
    const { space, options, release } = await stopped(t)
    await prepare(space, target)
    const both = [space.start(target, options), space.start(target, options)]
    const [refused, worker] = await inTurn(both)
    const [what] = target.split(' ')
    const told = new RegExp(
      `^error: make ${what} \\(process (\\d+) on ${hostname()}, since \\S+\\) is using `,
      'm',
    )
    const holder = Number(told.exec(refused.err)?.[1] ?? assert.fail(refused.err))
    assert.deepEqual([refused.status, holder], [2, await holderOf(space, what === 'download' ? 'download' : 'lake')])
    assert.doesNotMatch(refused.out, /^(converted|fetched)/m)
    await release()
    const { status, out, err } = await worker
    assert.deepEqual([status, err], [0, ''])
    const name = what === 'download' ? 'fetched' : 'converted'
    assert.equal(out.match(new RegExp(`^${name} `, 'gm'))?.length, NIGHTS.length)
    if (what === 'download') await space.make('lake')
    await isThatOfASingleRun(t, space)
  })

test('make download is held by make itself', async t => {
  const { space, options, release } = await stopped(t)
  await prepare(space, 'download')
  const { child, ran } = space.start('download', options)
  assert.equal(await whenHeld(space, 'download'), child.pid)
  await release()
  assert.equal((await ran).status, 0)
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

test('of two make uris at once the second says who is at work, and the lists are left alone', async t => {
  const { space, release } = await stopped(t, '')
  const both = [space.start('uris'), space.start('uris')]
  const [refused, worker] = await inTurn(both)
  assert.equal(refused.status, 2)
  assert.match(refused.err, /^error: make uris \(process \d+ on \S+, since \S+\) is using \S+\/uris: wait /m)
  await release()
  assert.deepEqual([(await worker).status, (await readdir(space.uris)).includes('.lock')], [0, false])
})

for (const target of ['lake', 'all -j2', 'download -j2', 'download lake'])
  for (const [what, kill] of [
    ['its process group', (pid: number) => process.kill(-pid, 'SIGKILL')],
    ['make alone', (pid: number) => process.kill(pid, 'SIGKILL')],
  ] as const)
    test(`when ${what} is killed, make ${target} ends with all that it started, and a new run takes over`, async t => {
      const { space, options, release } = await stopped(t)
      await prepare(space, target)
      const { child, ran } = space.start(target, { ...options, detached: true })
      const lock = target.includes('download') ? 'download' : 'lake'
      const held = await whenHeld(space, lock)
      await stuck(space, target)
      kill(child.pid as number)
      // Standard output ends when the last process that holds it does.
      assert.equal((await ran).status, null)
      await release()
      const { status, err } = await space.make(target)
      assert.deepEqual([status, err], [0, ''], String(held))
      await space.make('lake')
      await isThatOfASingleRun(t, space)
      assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
    })

test('what a killed run left half built goes, of a night too whose tarball has gone', async t => {
  const { space, release } = await stopped(t)
  await release()
  await prepare(space, 'lake')
  const left = join(space.paths.staging, 'ztf_public_20220101.abcdef')
  await mkdir(left, { recursive: true })
  await writeFile(join(left, 'ztf_public_20220101-0000.parquet'), 'half')
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(existsSync(space.paths.staging) ? await readdir(space.paths.staging) : [], [])
  await isThatOfASingleRun(t, space)
})

/**
 * A workspace where no run gets to its end before `release`: its archive does not answer, and no night is converted.
 */
async function stopped(t: TestContext, file = THIRD.name) {
  const space = await Workspace.open(t, NIGHTS)
  const wait = join(space.folder, 'wait')
  await writeFile(wait, '')
  const options: RunOptions = { env: { NODE_OPTIONS: `--import ${WAIT}`, WAIT: wait } }
  const before = async () => {
    while (existsSync(wait)) await sleep(20)
  }
  space.archive.faults.set(file, { before })
  return { space, options, release: () => rm(wait) }
}

/** Does what a target needs to have been done; `make all` lists anew. */
async function prepare(space: Workspace, target: string): Promise<void> {
  await space.make('uris')
  if (target !== 'lake') return
  await mkdir(space.paths.tarballs, { recursive: true })
  for (const { name, bytes } of NIGHTS) await writeFile(join(space.paths.tarballs, name), bytes)
}

/** What became of the one of two that ends first, and the other's end. */
async function inTurn(both: readonly Running[]): Promise<readonly [Ran, Promise<Ran>]> {
  const ends = both.map(({ ran }) => ran)
  const first = await Promise.race(ends.map((ran, i) => ran.then(() => i)))
  return [(await ends[first]) as Ran, ends[1 - first] as Promise<Ran>]
}

/** Waits until a run has got to where it goes no further. */
async function stuck({ archive, paths }: Workspace, target: string): Promise<void> {
  const asked = () => archive.requests.some(({ url }) => url.endsWith(THIRD.name))
  const building = () => existsSync(paths.staging)
  while (!(target === 'lake' || asked())) await sleep(20)
  while (!(target.includes('download') || building())) await sleep(20)
}

async function whenHeld(space: Workspace, lock: 'lake' | 'download'): Promise<number> {
  while (!existsSync(space.paths.lock(lock))) await sleep(20)
  return holderOf(space, lock)
}

async function holderOf({ paths }: Workspace, lock: 'lake' | 'download'): Promise<number> {
  return JSON.parse(await readFile(paths.lock(lock), 'utf8')).pid
}

/** Asserts that a lake has the files, byte for byte, that one run alone makes of the nights. */
async function isThatOfASingleRun(t: TestContext, space: Workspace): Promise<void> {
  const alone = await Workspace.open(t, NIGHTS)
  await prepare(alone, 'lake')
  assert.equal((await alone.make('lake')).status, 0)
  const files = await filesOf(alone)
  assert.deepEqual([await filesOf(space), files.length], [files, NIGHTS.length])
  assert.ok(existsSync(space.paths.manifest(nightOf(FIRST.name))))
}

async function filesOf({ paths }: Workspace): Promise<string[]> {
  const names = await glob(paths.lake, '**/*.parquet')
  return Promise.all(names.map(async name => `${name} ${await sha256Of(join(paths.lake, name))}`))
}
