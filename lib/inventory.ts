import { basename } from 'node:path'
import { find } from './find.ts'
import type { Listed } from './listing.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { type Night, nightOfStem, parseNight } from './night.ts'
import type { Paths } from './paths.ts'
import { readRecord } from './record.ts'
import { isSpent } from './removal.ts'
import type { Selection } from './selection.ts'
import type { Settings } from './settings.ts'
import { byNight, readUris } from './uris.ts'

/** Nights whose tarball is on disk, in date order; links that users put there too. */
export async function onDisk(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await find(paths.tarballs, 'ztf_public_*.tar.gz')
  return names.flatMap(name => parseNight(name) ?? []).filter(({ date }) => selection(date))
}

/** Nights in the lake, in date order. */
export async function inLake(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await find(paths.manifests, 'ztf_public_*.json')
  return names.flatMap(name => nightOfStem(basename(name, '.json')) ?? []).filter(({ date }) => selection(date))
}

/** Nights on disk that are not in the lake: what `make lake` converts. */
export async function unconverted(paths: Paths, selection: Selection): Promise<Night[]> {
  // In this order: a tarball goes only after its night has come into the lake.
  const disk = await onDisk(paths, selection)
  const lake = new Set((await inLake(paths, selection)).map(({ name }) => name))
  return disk.filter(({ name }) => !lake.has(name))
}

/** Nights in the lake whose tarballs are there and of no more use. */
export async function spent({ URIS, NIGHTS }: Settings, paths: Paths): Promise<Night[]> {
  const md5 = new Map((await readRecord(URIS)).map(row => [row.name, row.md5]))
  const disk = await onDisk(paths, NIGHTS)
  const manifests = await Promise.all(disk.map(night => readManifest(paths, night).catch((error: Error) => error)))
  // Of a manifest that cannot be read whoever is to remove the tarball tells.
  const isGiven = (found: Manifest | Error | undefined, name: string) =>
    found instanceof Error || (found && isSpent(found, md5.get(name)))
  return disk.filter(({ name }, i) => isGiven(manifests[i], name))
}

/**
 * The selected nights of the URL lists, in date order: what the lake is to hold in the end.
 * @throws Error in one sentence where there are no lists yet
 */
export async function listed({ URIS, NIGHTS }: Settings): Promise<Listed[]> {
  const [record, urls] = await Promise.all([readRecord(URIS), readUris(URIS)])
  if (record.length === 0) throw new Error('no nights are listed yet: run make uris first')
  return record.filter(({ url, night }) => urls.has(url) && NIGHTS(night)).sort(byNight)
}

/** Those of the listed nights that are not in the lake. */
export async function wanted(settings: Settings, paths: Paths): Promise<Listed[]> {
  const lake = new Set((await inLake(paths, settings.NIGHTS)).map(({ name }) => name))
  return (await listed(settings)).filter(({ name }) => !lake.has(name))
}

/** Those that are not on disk either: what `make download` fetches. */
export async function missing(settings: Settings, paths: Paths): Promise<Listed[]> {
  const there = new Set((await onDisk(paths, settings.NIGHTS)).map(({ name }) => name))
  return (await wanted(settings, paths)).filter(({ name }) => !there.has(name))
}
