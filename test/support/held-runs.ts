import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { glob, sha256Of } from '../../lib/core/files.ts'
import { makeNight, type SyntheticNight } from './night.ts'
import type { RunOptions } from './run.ts'
import { Workspace } from './workspace.ts'

const WAIT_MODULE = pathToFileURL(join(import.meta.dirname, 'wait.mjs')).href

export const NIGHTS = ['20180713', '20191003', '20210401'].map(night => makeNight({ night, alerts: 8 }))
const LAST = NIGHTS[2] as SyntheticNight

/**
 * Opens a workspace in which runs wait until `release` is called: conversions that are started with `options` wait before
 * the first night, and downloads wait for one file of the archive.
 * @param file name of that file; '' is the index page
 */
export async function holdRuns(t: TestContext, file = LAST.name) {
  const space = await Workspace.open(t, NIGHTS)
  const wait = join(space.folder, 'wait')
  await writeFile(wait, String(process.pid))
  const options: RunOptions = { env: { NODE_OPTIONS: `--import ${WAIT_MODULE}`, WAIT: wait } }
  const release = () => rm(wait, { force: true })
  t.after(release)
  const before = async () => {
    while (existsSync(wait)) await sleep(20)
  }
  space.archive.faults.set(file, { before })
  return { space, options, release }
}

/** Lists the nights, and for `lake` puts them on disk. */
export async function prepare(space: Workspace, target: string): Promise<void> {
  await space.make('uris')
  if (target === 'lake') await space.put(...NIGHTS)
}

/** Waits until a run of the target waits for `release`. */
export async function untilHeld(space: Workspace, target: string): Promise<void> {
  if (target !== 'lake') await space.until(() => space.archive.requests.some(({ url }) => url.endsWith(LAST.name)))
  if (!target.includes('download')) await space.until(() => existsSync(space.paths.staging))
}

/** Process id of the holder of a lock. */
export async function lockHolder({ paths }: Workspace, lock: 'lake' | 'download'): Promise<number> {
  return JSON.parse(await readFile(paths.lock(lock), 'utf8')).pid
}

/** Asserts that lake, candidates table and index have, byte for byte, the files of one undisturbed run. */
export async function assertLakeOfOneRun(t: TestContext, space: Workspace): Promise<void> {
  const alone = await Workspace.open(t, NIGHTS)
  await prepare(alone, 'lake')
  assert.equal((await alone.make('lake')).status, 0)
  const files = await hashesOf(alone)
  assert.deepEqual(await hashesOf(space), files)
  // A file of the lake, a candidates file and two files of the index per night, and the list of files.
  assert.equal(files.length, 4 * NIGHTS.length + 1)
  for (const night of NIGHTS) assert.ok(space.isInLake(night))
}

async function hashesOf({ paths }: Workspace): Promise<string[]> {
  const names = await glob(paths.data, '{lake,candidates,index}/**/*.parquet')
  return Promise.all(names.map(async name => `${name} ${await sha256Of(join(paths.data, name))}`))
}
