import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mock, type TestContext } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { PublishRun } from '../../lib/publish/run.ts'
import type { Target } from '../../lib/publish/target.ts'
import { readSettings } from '../../lib/settings.ts'
import { convert, dataFolder, listed } from './data-folder.ts'
import { filesBelow } from './folder.ts'
import { runIndexUpdate } from './index-lake.ts'
import { emptyNight, makeNight } from './night.ts'
import type { Place } from './place.ts'

/** Two tarballs of one date, another night of that month, a night of another month, and one without alerts. */
export const NIGHTS = [
  makeNight({ night: '20191003', alerts: 5 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
  makeNight({ night: '20191007', alerts: 3 }),
  makeNight({ night: '20210401', alerts: 6 }),
  emptyNight('20210402', 'tar'),
]
/** Other revisions of nights: one of two tarballs of a date, and a night alone. */
export const REVISIONS = [
  makeNight({ night: '20191003', alerts: 8, seed: 2 }),
  makeNight({ night: '20210401', alerts: 4, seed: 2 }),
]

/** A lake of NIGHTS with its index. Files have two alerts. */
export async function lakeToPublish(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  await addNights(paths, NIGHTS)
  return paths
}

export async function addNights(paths: Paths, nights: typeof NIGHTS): Promise<void> {
  for (const night of nights) await convert(paths, night, { alertsPerFile: 2 }, listed(night))
  const { problems } = await runIndexUpdate(paths)
  if (problems.length > 0) throw new Error(problems.join())
}

/** What a run of make publish printed, and the parts of its error message. */
export interface Published {
  readonly lines: readonly string[]
  readonly problems: readonly string[]
}

/** Publishes what a target lacks, as `make publish` does. */
export async function publishTo(target: Target, paths: Paths, env: Record<string, string> = {}): Promise<Published> {
  const lines: string[] = []
  const log = mock.method(console, 'log', (line: string) => lines.push(line))
  try {
    const run = await PublishRun.begin(readSettings({ DATA: paths.data, ...env }, {}), 2, target)
    await run.add(await run.pending())
    return { problems: await run.end(), lines }
  } finally {
    log.mock.restore()
  }
}

/** Content of each file that is published, by path. The record of the index also has a checksum of `_common_metadata`. */
export async function publishable(paths: Paths): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const tree of ['lake', 'candidates', 'index'])
    for (const path of await filesBelow(join(paths.data, tree)))
      files.set(`${tree}/${path}`, await readFile(join(paths.data, tree, path)))
  files.delete('index/_nights.json')
  return files
}

/** Asserts that a place has exactly these files, with its own methods. */
export async function assertPublished(place: Place, expected: ReadonlyMap<string, Buffer>): Promise<void> {
  const sizes = [...expected].map(([path, { length }]) => ({ path, bytes: length }))
  assert.deepEqual(
    await place.list(),
    sizes.sort((a, b) => (a.path < b.path ? -1 : 1)),
  )
  for (const [path, bytes] of expected) assert.ok((await place.read(path)).equals(bytes), path)
}

/** Asserts that a place has all files of each night whose manifest it has; returns the stems of these nights. */
export async function assertWholeNights(place: Place, expected: ReadonlyMap<string, Buffer>): Promise<string[]> {
  const there = (await place.list()).map(({ path }) => path)
  const stems = there.flatMap(path => /^lake\/_manifest\/(\w+)\.json$/.exec(path)?.[1] ?? [])
  for (const [path, bytes] of expected)
    if (stems.some(stem => path.includes(`/${stem}-`) || path.includes(`/${stem}.`)))
      assert.ok(there.includes(path) && (await place.read(path)).equals(bytes), path)
  return stems
}
