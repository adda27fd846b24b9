import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { writeListingFile } from '../../lib/archive/listing-file.ts'
import { writeUrlLists } from '../../lib/archive/url-lists.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import * as damage from './damage.ts'
import { convert, dataFolder, nightOf } from './data-folder.ts'
import { runIndexUpdate } from './index-lake.ts'
import { emptyNight, makeNight } from './night.ts'
import { type Ran, runScript } from './run.ts'

const NIGHTS = [
  makeNight({ night: '20191003', alerts: 7 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 3 }),
  makeNight({ night: '20200307', alerts: 5, damage: { 2: damage.wiped } }),
  makeNight({ night: '20210401', alerts: 4 }),
  emptyNight('20180710', 'tar'),
]
export const [FIRST, , DAMAGED, LAST] = NIGHTS.map(({ name }) => nightOf(name)) as [Night, Night, Night, Night]

/** A lake of five nights, with its index. */
export async function makeLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  return paths
}

/** Lists all nights but the empty one. */
export async function listAll(paths: Paths): Promise<void> {
  const listing = NIGHTS.slice(0, 4).map(({ name }) => {
    const [night, url] = [nightOf(name).date, `http://archive.invalid/${name}`]
    return { name, night, bytes: 1e6, modified: '', md5: '', url, kind: 'night' as const }
  })
  const uris = join(paths.data, 'uris')
  await writeListingFile(uris, listing)
  await writeUrlLists(uris, listing, 5)
}

/** Runs a script, such as `check`, on the lake. */
export function script(name: string, paths: Paths, settings: Record<string, string> = {}): Promise<Ran> {
  return runScript(name, { DATA: paths.data, URIS: join(paths.data, 'uris'), ...settings })
}

/** Path of a night's first Parquet file. */
export async function parquetOf(paths: Paths, night: Night): Promise<string> {
  const [file = assert.fail()] = (await readManifest(paths, night))?.files ?? []
  return join(paths.partition(night), file.name)
}
