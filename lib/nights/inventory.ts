import { basename } from 'node:path'
import type { ListedFile } from '../archive/listing.ts'
import { readListingFile } from '../archive/listing-file.ts'
import { attemptsExhausted, type QuarantineRecord, readQuarantine } from '../archive/quarantine.ts'
import { readReceipt, receiptOf } from '../archive/receipts.ts'
import { isOutdated, type TarballIdentity } from '../archive/revision.ts'
import { byNight, readUrlLists } from '../archive/url-lists.ts'
import { exists, glob, mapLimit, statOptional } from '../core/files.ts'
import { inspectManifest } from '../lake/manifest.ts'
import { isSpent } from '../lake/remove-tarball.ts'
import { type Night, nightOfStem, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import type { Settings } from '../settings.ts'

/** Nights whose tarball is on disk, in date order; links that users put there too. */
export async function onDisk(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await glob(paths.tarballs, 'ztf_public_*.tar.gz')
  return names.flatMap(name => parseNight(name) ?? []).filter(({ date }) => selection(date))
}

/** Nights in the lake, in date order. */
export async function inLake(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await glob(paths.manifests, 'ztf_public_*.json')
  return names.flatMap(name => nightOfStem(basename(name, '.json')) ?? []).filter(({ date }) => selection(date))
}

/**
 * Nights on disk that are not in the lake, or in it from another tarball: what `make lake` converts.
 * @param replaceable those whose tarball may be another than the lake's: of others that is not looked at
 */
export async function nightsToConvert(
  paths: Paths,
  selection: Selection,
  replaceable: (night: Night) => boolean = () => true,
): Promise<Night[]> {
  // In this order: a tarball goes only after its night has come into the lake.
  const disk = await onDisk(paths, selection)
  const lake = new Set((await inLake(paths, selection)).map(({ name }) => name))
  const inBoth = disk.filter(({ name }) => lake.has(name))
  const replaced = new Set(await superseded(paths, inBoth.filter(replaceable)))
  return disk.filter(night => !lake.has(night.name) || replaced.has(night))
}

/** How far apart the clocks of two hosts may be that write to one file system, in ms: Slurm bears no more either. */
const CLOCKS = 5 * 60_000

/** Those of the nights that the lake has, but from another tarball than the one that is on disk now. */
export async function superseded(paths: Paths, nights: readonly Night[]): Promise<Night[]> {
  return filterAsync(nights, async night => {
    const [manifest, receipt] = await Promise.all([paths.manifest(night), paths.receipt(night)].map(statOptional))
    // What is in the lake from this tarball was recorded after it was: most nights need not be read.
    if (!manifest || !receipt || receipt.mtimeMs + CLOCKS < manifest.mtimeMs) return false
    const [inLake, onDisk] = await Promise.all([inspectManifest(paths, night), readReceipt(paths, night)])
    // Whoever is to replace a broken one tells of it.
    if (inLake instanceof Error) return true
    return inLake !== undefined && onDisk !== undefined && inLake.md5 !== onDisk.md5
  })
}

/** Nights in the lake whose tarballs are there and of no more use. */
export async function removableTarballs({ URIS, NIGHTS }: Settings, paths: Paths): Promise<Night[]> {
  const md5 = new Map((await readListingFile(URIS)).map(row => [row.name, row.md5]))
  const disk = await onDisk(paths, NIGHTS)
  const replaced = new Set(await superseded(paths, disk))
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
  const rows = new Map((await readListingFile(URIS)).map(row => [row.name, row]))
  return filterAsync(nights, async night => !isOlder(await readReceipt(paths, night), rows.get(night.name)))
}

/**
 * The selected nights of the URL lists, in date order: what the lake is to hold in the end.
 * @throws Error in one sentence where there are no lists yet
 */
export async function listedNights({ URIS, NIGHTS }: Settings): Promise<ListedFile[]> {
  const { record, rows } = await inUrlLists(URIS)
  if (record.length === 0) throw new Error('no nights are listed yet: run make uris first')
  return rows.filter(({ night }) => NIGHTS(night)).sort(byNight)
}

/** The whole listing, and what of it is in the URL lists, which make uris may have narrowed: only that is fetched. */
export async function inUrlLists(uris: string): Promise<{ record: ListedFile[]; rows: ListedFile[] }> {
  const [record, urls] = await Promise.all([readListingFile(uris), readUrlLists(uris)])
  return { record, rows: record.filter(({ url }) => urls.has(url)) }
}

/** Those of the listed nights that are not in the lake as they are listed now. */
export async function notInLake(settings: Settings, paths: Paths): Promise<ListedFile[]> {
  return filterAsync(await listedNights(settings), row => isWanted(paths, row))
}

/**
 * Whether the lake lacks a night, or has it from a tarball that the archive has replaced since. One whose manifest is
 * broken is for make repair to send back.
 */
async function isWanted(paths: Paths, row: ListedFile): Promise<boolean> {
  const manifest = await inspectManifest(paths, parseNight(row.name) as Night)
  return !manifest || (!(manifest instanceof Error) && isOutdated(manifest, row))
}

/** Nights that are neither in the lake nor on disk, as they are listed now. */
export interface Absent {
  /** What `make download` fetches. */
  readonly missing: readonly ListedFile[]
  /** Those whose bytes were wrong so often that they are fetched no more. */
  readonly givenUp: readonly (ListedFile & { readonly aside: QuarantineRecord })[]
}

/** The listed nights of which there is nothing yet, in date order. */
export async function notOnDisk(settings: Settings, paths: Paths): Promise<Absent> {
  const there = new Set((await onDisk(paths, settings.NIGHTS)).map(({ name }) => name))
  const isAbsent = async (row: ListedFile) => !there.has(row.name) || isOutdatedOnDisk(paths, row)
  const left = await filterAsync(await notInLake(settings, paths), isAbsent)
  const records = await readQuarantine(paths)
  const givenUp = left.flatMap(row => {
    const aside = records.get(row.name)
    return aside && attemptsExhausted(aside, row) ? [{ ...row, aside }] : []
  })
  const lost = new Set(givenUp.map(({ name }) => name))
  return { missing: left.filter(({ name }) => !lost.has(name)), givenUp }
}

/** What `make download` fetches. */
export async function nightsToDownload(settings: Settings, paths: Paths): Promise<readonly ListedFile[]> {
  return (await notOnDisk(settings, paths)).missing
}

/** The nights before one in the lists that are in the lake or may yet come, in date order. */
export async function listedBefore(name: string, settings: Settings, paths: Paths): Promise<ListedFile[]> {
  const [nights, aside] = await Promise.all([listedNights(settings), readQuarantine(paths)])
  const before = nights.slice(
    0,
    nights.findIndex(row => row.name === name),
  )
  return before.filter(row => !attemptsExhausted(aside.get(row.name), row))
}

/** Whether `make download` would fetch a night now. */
export async function needsDownload(paths: Paths, row: ListedFile): Promise<boolean> {
  if (!(await isWanted(paths, row))) return false
  const there = await statOptional(paths.tarball(parseNight(row.name) as Night))
  return !there || isOutdatedOnDisk(paths, row)
}

async function isOutdatedOnDisk(paths: Paths, row: ListedFile): Promise<boolean> {
  const night = parseNight(row.name) as Night
  const receipt = await readReceipt(paths, night)
  // Where the lake is outdated, what is on disk decides; copied without its times, it has to be looked at anew.
  const known = receipt ?? ((await exists(paths.manifest(night))) ? await receiptOf(paths, night) : undefined)
  return isOlder(known, row)
}

/** Whether the archive has published a night again since what is known of it, in the lake or on disk. */
export function isOlder(known: TarballIdentity | undefined, row: ListedFile | undefined): boolean {
  return known !== undefined && row !== undefined && isOutdated(known, row)
}

async function filterAsync<T>(items: readonly T[], test: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await mapLimit(items, test)
  return items.filter((_, i) => kept[i])
}
