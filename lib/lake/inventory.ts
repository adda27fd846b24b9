import { basename } from 'node:path'
import { isOutdated, type Known } from '../archive/edition.ts'
import type { Listed } from '../archive/listing.ts'
import { readReceipt, receiptOf } from '../archive/receipts.ts'
import { readRecord } from '../archive/record.ts'
import { allSetAside, isGivenUp, type SetAside } from '../archive/setaside.ts'
import { byNight, readUris } from '../archive/uris.ts'
import { isTaken, statIfThere } from '../files.ts'
import { find } from '../find.ts'
import { mapMany } from '../many.ts'
import { type Night, nightOfStem, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import type { Settings } from '../settings.ts'
import { inspectManifest } from './manifest.ts'
import { isSpent } from './removal.ts'

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

/**
 * Nights on disk that are not in the lake, or in it from another tarball: what `make lake` converts.
 * @param replaceable those whose tarball may be another than the lake's: of others that is not looked at
 */
export async function unconverted(
  paths: Paths,
  selection: Selection,
  replaceable: (night: Night) => boolean = () => true,
): Promise<Night[]> {
  // In this order: a tarball goes only after its night has come into the lake.
  const disk = await onDisk(paths, selection)
  const lake = new Set((await inLake(paths, selection)).map(({ name }) => name))
  const inBoth = disk.filter(({ name }) => lake.has(name))
  const replaced = new Set(await stale(paths, inBoth.filter(replaceable)))
  return disk.filter(night => !lake.has(night.name) || replaced.has(night))
}

/** How far apart the clocks of two hosts may be that write to one file system, in ms: Slurm bears no more either. */
const CLOCKS = 5 * 60_000

/** Those of the nights that the lake has, but from another tarball than the one that is on disk now. */
export async function stale(paths: Paths, nights: readonly Night[]): Promise<Night[]> {
  return filterAsync(nights, async night => {
    const [manifest, receipt] = await Promise.all([paths.manifest(night), paths.receipt(night)].map(statIfThere))
    // What is in the lake from this tarball was recorded after it was: most nights need not be read.
    if (!manifest || !receipt || receipt.mtimeMs + CLOCKS < manifest.mtimeMs) return false
    const [inLake, onDisk] = await Promise.all([inspectManifest(paths, night), readReceipt(paths, night)])
    // Whoever is to replace a broken one tells of it.
    if (inLake instanceof Error) return true
    return inLake !== undefined && onDisk !== undefined && inLake.md5 !== onDisk.md5
  })
}

/** Nights in the lake whose tarballs are there and of no more use. */
export async function spent({ URIS, NIGHTS }: Settings, paths: Paths): Promise<Night[]> {
  const md5 = new Map((await readRecord(URIS)).map(row => [row.name, row.md5]))
  const disk = await onDisk(paths, NIGHTS)
  const replaced = new Set(await stale(paths, disk))
  return filterAsync(disk, async night => {
    const manifest = await inspectManifest(paths, night)
    // Of a broken one whoever is to remove the tarball tells.
    if (manifest instanceof Error) return true
    return manifest !== undefined && !replaced.has(night) && isSpent(manifest, md5.get(night.name))
  })
}

/** Those of the nights whose tarball on disk is the one that is listed now, as far as is known. */
export async function current({ URIS }: Settings, paths: Paths, nights: readonly Night[]): Promise<Night[]> {
  if (nights.length === 0) return []
  const rows = new Map((await readRecord(URIS)).map(row => [row.name, row]))
  return filterAsync(nights, async night => !isOlder(await readReceipt(paths, night), rows.get(night.name)))
}

/**
 * The selected nights of the URL lists, in date order: what the lake is to hold in the end.
 * @throws Error in one sentence where there are no lists yet
 */
export async function listed({ URIS, NIGHTS }: Settings): Promise<Listed[]> {
  const { record, rows } = await inLists(URIS)
  if (record.length === 0) throw new Error('no nights are listed yet: run make uris first')
  return rows.filter(({ night }) => NIGHTS(night)).sort(byNight)
}

/** The whole listing, and what of it is in the URL lists, which make uris may have narrowed: only that is fetched. */
export async function inLists(uris: string): Promise<{ record: Listed[]; rows: Listed[] }> {
  const [record, urls] = await Promise.all([readRecord(uris), readUris(uris)])
  return { record, rows: record.filter(({ url }) => urls.has(url)) }
}

/** Those of the listed nights that are not in the lake as they are listed now. */
export async function wanted(settings: Settings, paths: Paths): Promise<Listed[]> {
  return filterAsync(await listed(settings), row => isWanted(paths, row))
}

/**
 * Whether the lake lacks a night, or has it from a tarball that the archive has replaced since. One whose manifest is
 * broken is for make repair to send back.
 */
async function isWanted(paths: Paths, row: Listed): Promise<boolean> {
  const manifest = await inspectManifest(paths, parseNight(row.name) as Night)
  return !manifest || (!(manifest instanceof Error) && isOutdated(manifest, row))
}

/** Nights that are neither in the lake nor on disk, as they are listed now. */
export interface Absent {
  /** What `make download` fetches. */
  readonly missing: readonly Listed[]
  /** Those whose bytes were wrong so often that they are fetched no more. */
  readonly givenUp: readonly (Listed & { readonly aside: SetAside })[]
}

/** The listed nights of which there is nothing yet, in date order. */
export async function absent(settings: Settings, paths: Paths): Promise<Absent> {
  const there = new Set((await onDisk(paths, settings.NIGHTS)).map(({ name }) => name))
  const isAbsent = async (row: Listed) => !there.has(row.name) || isOutdatedOnDisk(paths, row)
  const left = await filterAsync(await wanted(settings, paths), isAbsent)
  const records = await allSetAside(paths)
  const givenUp = left.flatMap(row => {
    const aside = records.get(row.name)
    return aside && isGivenUp(aside, row) ? [{ ...row, aside }] : []
  })
  const lost = new Set(givenUp.map(({ name }) => name))
  return { missing: left.filter(({ name }) => !lost.has(name)), givenUp }
}

/** What `make download` fetches. */
export async function missing(settings: Settings, paths: Paths): Promise<readonly Listed[]> {
  return (await absent(settings, paths)).missing
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

/** Whether `make download` would fetch a night now. */
export async function isMissing(paths: Paths, row: Listed): Promise<boolean> {
  if (!(await isWanted(paths, row))) return false
  const there = await statIfThere(paths.tarball(parseNight(row.name) as Night))
  return !there || isOutdatedOnDisk(paths, row)
}

async function isOutdatedOnDisk(paths: Paths, row: Listed): Promise<boolean> {
  const night = parseNight(row.name) as Night
  const receipt = await readReceipt(paths, night)
  // Where the lake is outdated, what is on disk decides; copied without its times, it has to be looked at anew.
  const known = receipt ?? ((await isTaken(paths.manifest(night))) ? await receiptOf(paths, night) : undefined)
  return isOlder(known, row)
}

/** Whether the archive has published a night again since what is known of it, in the lake or on disk. */
export function isOlder(known: Known | undefined, row: Listed | undefined): boolean {
  return known !== undefined && row !== undefined && isOutdated(known, row)
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await mapMany(items, test)
  return items.filter((_, i) => kept[i])
}
