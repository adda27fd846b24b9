import { basename } from 'node:path'
import { find } from './find.ts'
import type { Listed } from './listing.ts'
import { readManifest } from './manifest.ts'
import { type Night, nightOfStem, parseNight } from './night.ts'
import type { Paths } from './paths.ts'
import { readRecord } from './record.ts'
import { isSpent } from './removal.ts'
import type { Selection } from './selection.ts'
import { allSetAside, isGivenUp, type SetAside } from './setaside.ts'
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
  const manifests = await Promise.all(disk.map(night => readManifest(paths, night)))
  return disk.filter(({ name }, i) => manifests[i] && isSpent(manifests[i], md5.get(name)))
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

/** Those that are not on disk either, and not given up: what `make download` fetches. */
export async function missing(settings: Settings, paths: Paths): Promise<Listed[]> {
  return (await absent(settings, paths)).filter(row => !isGivenUp(row.aside, row))
}

/** Those whose bytes were wrong so often that they are fetched no more. */
export async function givenUp(settings: Settings, paths: Paths): Promise<Absent[]> {
  return (await absent(settings, paths)).filter(row => isGivenUp(row.aside, row))
}

/** The nights before one in the lists that are in the lake or may yet come, in date order. */
export async function listedBefore(name: string, settings: Settings, paths: Paths): Promise<Listed[]> {
  const [nights, aside] = await Promise.all([listed(settings), allSetAside(paths)])
  const before = nights.slice(
    0,
    nights.findIndex(row => row.name === name),
  )
  return before.filter(row => !isGivenUp(aside.get(row.name), row))
}

/** A night that is neither in the lake nor on disk, and what of it was set aside. */
type Absent = Listed & { readonly aside: SetAside | undefined }

async function absent(settings: Settings, paths: Paths): Promise<Absent[]> {
  const there = new Set((await onDisk(paths, settings.NIGHTS)).map(({ name }) => name))
  const aside = await allSetAside(paths)
  const left = (await wanted(settings, paths)).filter(({ name }) => !there.has(name))
  return left.map(row => ({ ...row, aside: aside.get(row.name) }))
}
