import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { mock } from 'node:test'
import { updateIndex } from '../../lib/index/update.ts'
import { type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { type Night, nightOfStem, parquetName } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { nightOf } from './data-folder.ts'
import { bytesBelow } from './lake-bytes.ts'

/** An update of the index: its error messages, and the lines that it printed. */
export interface IndexUpdate {
  readonly problems: readonly string[]
  readonly lines: readonly string[]
}

/** Brings the index up to date, as make lake does at its end. */
export async function runIndexUpdate(paths: Paths, threads = 2): Promise<IndexUpdate> {
  const lines: string[] = []
  const log = mock.method(console, 'log', (line: string) => lines.push(line))
  try {
    return { problems: await updateIndex(paths, threads), lines }
  } finally {
    log.mock.restore()
  }
}

/** Months in the lines `indexed MONTH ...`. */
export function monthsIn(lines: readonly string[]): string[] {
  return lines.flatMap(line => /^indexed +(\S+)/.exec(line)?.[1] ?? [])
}

/** Path of a night's Parquet file number `index`. */
export function lakeFile(paths: Paths, { tarball, md5 }: Manifest, index: number): string {
  const night = nightOf(tarball)
  return join(paths.partition(night), parquetName(night, md5, index))
}

export async function nightsOf(paths: Paths): Promise<Night[]> {
  return (await readdir(paths.manifests)).sort().flatMap(name => nightOfStem(name.replace('.json', '')) ?? [])
}

/**
 * Turns a lake into one of an earlier version: without candidates table, index and lists of files, and with manifests
 * that know nothing of them. The manifests keep their times.
 */
export async function makeEarlier(paths: Paths): Promise<void> {
  for (const path of [paths.candidates, paths.index, paths.files, paths.checksums])
    await rm(path, { recursive: true, force: true })
  for (const night of await nightsOf(paths)) {
    const path = paths.manifest(night)
    const { atime, mtime } = await stat(path)
    const { candidates, ...manifest } = (await readManifest(paths, night)) as Manifest
    const files = manifest.files.map(({ name, alerts, bytes, sha256 }) => ({ name, alerts, bytes, sha256 }))
    await writeManifest(paths, night, { ...manifest, files })
    await utimes(path, atime, mtime)
  }
}

/** Contents of the candidates table and the index by path, but of the cache of manifests, which has file times. */
export async function tablesOf(paths: Paths): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const name of ['candidates', 'index'])
    for (const [path, bytes] of await bytesBelow(join(paths.data, name))) files.set(`${name}/${path}`, bytes)
  files.delete('index/_nights.json')
  return files
}
