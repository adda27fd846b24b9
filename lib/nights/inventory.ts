import { basename } from 'node:path'
import { type ListedFile, nightOf } from '../archive/listing.ts'
import { readListingFile } from '../archive/listing-file.ts'
import { attemptsExhausted, type QuarantineRecord, readQuarantine } from '../archive/quarantine.ts'
import { readReceipt, receiptOf } from '../archive/receipts.ts'
import { isOutdated, type TarballIdentity } from '../archive/revision.ts'
import { byNight, readUrlLists } from '../archive/url-lists.ts'
import { exists, filterLimit, glob, statOptional } from '../core/files.ts'
import { inspectManifest } from '../lake/manifest.ts'
import { reasonToKeep } from '../lake/remove-tarball.ts'
import { type NightSummary, readSummaries } from '../lake/summaries.ts'
import { type Night, nightOfStem, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import type { Settings } from '../settings.ts'
import { noneToDownload } from './empty-nights.ts'

/** Nights whose tarball, or a link to it, is on disk, in date order. */
export async function onDisk(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await glob(paths.tarballs, 'ztf_public_*.tar.gz')
  return names.flatMap(name => parseNight(name) ?? []).filter(({ date }) => selection(date))
}

/** Nights with a manifest, in date order. */
export async function inLake(paths: Paths, selection: Selection): Promise<Night[]> {
  const names = await glob(paths.manifests, 'ztf_public_*.json')
  return names.flatMap(name => nightOfStem(basename(name, '.json')) ?? []).filter(({ date }) => selection(date))
}

/**
 * The whole listing, and its rows whose URLs are in the URL lists. Only these rows are downloaded, because `make uris`
 * may have left nights out of the lists.
 */
export async function inUrlLists(uris: string): Promise<{ listing: ListedFile[]; rows: ListedFile[] }> {
  const [listing, urls] = await Promise.all([readListingFile(uris), readUrlLists(uris)])
  return { listing, rows: listing.filter(({ url }) => urls.has(url)) }
}

/** Nights for `make download`, each list in date order. */
export interface DownloadPlan {
  /** Listed nights whose current revision is not in the lake. */
  readonly notInLake: readonly ListedFile[]
  /** Nights in `notInLake` to download, because their tarball is not on disk or is outdated. */
  readonly missing: readonly ListedFile[]
  /** Nights in `notInLake` that are not downloaded again, because `MAX_ATTEMPTS` downloads were quarantined. */
  readonly givenUp: readonly GivenUp[]
  /** If all selected nights are empty, the clause of `emptyClause`. */
  readonly empty?: string | undefined
}

type GivenUp = ListedFile & { readonly quarantined: QuarantineRecord }

/** @throws Error if no night is listed yet, or none of the selected ones */
export async function planDownload({ URIS, NIGHTS }: Settings, paths: Paths): Promise<DownloadPlan> {
  const { listing, rows } = await inUrlLists(URIS)
  if (listing.length === 0) throw new Error('no nights are listed yet: run make uris first')
  const listed = rows.filter(({ night }) => NIGHTS(night)).sort(byNight)
  if (listed.length === 0)
    return { notInLake: [], missing: [], givenUp: [], empty: noneToDownload(URIS, listing, NIGHTS) }
  const summaries = await readSummaries(paths, listed.map(nightOf))
  const notInLake = listed.filter((row, i) => isNotInLake(summaries[i], row))
  const names = new Set((await onDisk(paths, NIGHTS)).map(({ name }) => name))
  // If this fails for a night on disk, its download will report the error.
  const mayBeOutdated = (row: ListedFile) => isOutdatedOnDisk(paths, row).catch(() => true)
  const absent = await filterLimit(notInLake, async row => !names.has(row.name) || mayBeOutdated(row))
  return { notInLake, ...(await withoutGivenUp(paths, absent)) }
}

/** Divides rows into nights to download and nights given up after too many attempts. */
export async function withoutGivenUp(
  paths: Paths,
  rows: readonly ListedFile[],
): Promise<Pick<DownloadPlan, 'missing' | 'givenUp'>> {
  const records = await readQuarantine(paths)
  const givenUp = rows.flatMap(row => {
    const quarantined = records.get(row.name)
    return quarantined && attemptsExhausted(quarantined, row) ? [{ ...row, quarantined }] : []
  })
  const names = new Set(givenUp.map(({ name }) => name))
  return { missing: rows.filter(({ name }) => !names.has(name)), givenUp }
}

/** Whether a listed night still has to be downloaded. */
export async function needsDownload(paths: Paths, row: ListedFile): Promise<boolean> {
  if (!isNotInLake(await inspectManifest(paths, nightOf(row)), row)) return false
  const tarball = await statOptional(paths.tarball(nightOf(row)))
  return !tarball || isOutdatedOnDisk(paths, row)
}

/**
 * Whether a listed night that this run downloads is on disk or in the lake. Computes no MD5, because the download may be
 * replacing the tarball: it writes the receipt before the tarball gets its name.
 */
export async function hasArrived(paths: Paths, row: ListedFile): Promise<boolean> {
  const night = nightOf(row)
  const manifest = await inspectManifest(paths, night)
  if (!isNotInLake(manifest, row)) return true
  const receipt = await readReceipt(paths, night)
  // Without a receipt, the tarball of a night in the lake may be the one that was converted.
  if (!receipt && manifest) return false
  return (await exists(paths.tarball(night))) && !isRepublished(receipt, row)
}

/** A night of the lake: the summary of its manifest, or the error of a broken one. */
export interface SummarizedNight {
  readonly night: Night
  readonly summary: NightSummary | Error
}

/** Nights for `make lake`, each list in date order. */
export interface ConversionPlan {
  readonly onDisk: readonly Night[]
  readonly inLake: readonly Night[]
  /** Nights on disk that are not in the lake, or whose tarball may be another than the converted one. */
  readonly pending: readonly Night[]
  /** Nights in the lake whose tarballs may be removed; empty unless KEEP_TARS=no. */
  readonly removable: readonly Night[]
  /** All nights of the lake, whether selected or not. */
  readonly lake: readonly SummarizedNight[]
}

export async function planConversion({ URIS, NIGHTS, KEEP_TARS }: Settings, paths: Paths): Promise<ConversionPlan> {
  // List tarballs before manifests, so that a night converted in between is counted as converted.
  const disk = await onDisk(paths, NIGHTS)
  const lake = await readLake(paths, () => true)
  const onDiskNames = new Set(disk.map(({ name }) => name))
  const inBoth = lake.filter(({ night }) => onDiskNames.has(night.name))
  const done = await filterLimit(inBoth, async night => !(await mayBeSuperseded(paths, night)))
  const doneNames = new Set(done.map(({ night }) => night.name))
  return {
    onDisk: disk,
    inLake: lake.map(({ night }) => night).filter(({ date }) => NIGHTS(date)),
    pending: disk.filter(({ name }) => !doneNames.has(name)),
    removable: KEEP_TARS === 'no' ? await removableOf(URIS, done) : [],
    lake,
  }
}

/** The selected nights of the lake, in date order. */
export async function readLake(paths: Paths, selection: Selection): Promise<SummarizedNight[]> {
  const nights = await inLake(paths, selection)
  const summaries = await readSummaries(paths, nights)
  return nights.flatMap((night, i) => {
    const summary = summaries[i]
    return summary ? { night, summary } : []
  })
}

/**
 * Whether a night's tarball on disk has another MD5 than the one in the manifest. Without a valid receipt, nights that
 * are not whole are included, and those whose tarball has another size: the conversion then computes the MD5.
 */
export async function mayBeSuperseded(paths: Paths, { night, summary }: SummarizedNight): Promise<boolean> {
  // Include a night with a broken manifest, so that its conversion reports the error.
  if (summary instanceof Error) return true
  const receipt = await readReceipt(paths, night)
  if (receipt) return receipt.md5 !== summary.md5
  const tarball = await statOptional(paths.tarball(night))
  return tarball !== undefined && (summary.state !== 'whole' || summary.tarballBytes !== tarball.size)
}

async function removableOf(uris: string, nights: readonly SummarizedNight[]): Promise<Night[]> {
  const md5 = new Map((await readListingFile(uris)).map(row => [row.name, row.md5]))
  return nights.flatMap(({ night, summary }) =>
    summary instanceof Error || reasonToKeep(summary, md5.get(night.name)) ? [] : night,
  )
}

/** Whether the archive has republished a night since its tarball was downloaded or converted; false if unknown. */
export function isRepublished(known: TarballIdentity | undefined, row: ListedFile | undefined): boolean {
  return known !== undefined && row !== undefined && isOutdated(known, row)
}

/** Whether the lake lacks a night or its current revision. False for a broken manifest, which needs `make repair`. */
function isNotInLake(manifest: Pick<NightSummary, 'md5' | 'listed'> | Error | undefined, row: ListedFile): boolean {
  return !manifest || (!(manifest instanceof Error) && isOutdated(manifest, row))
}

async function isOutdatedOnDisk(paths: Paths, row: ListedFile): Promise<boolean> {
  const night = nightOf(row)
  const receipt = await readReceipt(paths, night)
  // A copied tarball may have no valid receipt. If the night is in the lake, compute the MD5, because the tarball may
  // be the outdated one that was converted.
  const known = receipt ?? ((await exists(paths.manifest(night))) ? await receiptOf(paths, night) : undefined)
  return isRepublished(known, row)
}
