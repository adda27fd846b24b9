import { mismatch, quarantine } from '../archive/quarantine.ts'
import { verifiedReceipt } from '../archive/receipts.ts'
import { isOutdated, type Revision, type TarballIdentity } from '../archive/revision.ts'
import { describeError } from '../core/errors.ts'
import { exists, statOptional } from '../core/files.ts'
import { convertNight } from '../lake/convert.ts'
import type { LakeFileSettings } from '../lake/lake-files.ts'
import { type Manifest, readManifest } from '../lake/manifest.ts'
import { reasonToKeep, removeTarball } from '../lake/remove-tarball.ts'
import { summarize } from '../lake/summaries.ts'
import { type Night, nightOfStem } from '../night.ts'
import { mayBeSuperseded } from '../nights/inventory.ts'
import { Paths } from '../paths.ts'
import { withProgressNote } from '../progress/notes.ts'
import { type Answer, forEachNight, type Job } from './worker.ts'

/** Conversion job, sent to a worker process as JSON. */
export interface ConversionJob extends Job<NightToConvert> {
  readonly data: string
  readonly settings: LakeFileSettings
  readonly keepTarballs: boolean
}

export interface NightToConvert {
  readonly stem: string
  /** Revision in the archive's listing; undefined if the night is not listed. */
  readonly listed: Revision | undefined
  /** Whether the night was in the lake before the run. */
  readonly inLake: boolean
}

export interface Converted {
  readonly manifest: Manifest
  readonly converted: boolean
  /** What became of the tarball; undefined if it stays, as by default. */
  readonly tarball?: string | undefined
}

export async function convert(job: ConversionJob, answer: Answer<Converted>): Promise<void> {
  await forEachNight(job.nights, night => convertOne(job, nightOfStem(night.stem) as Night, night), answer)
}

async function convertOne(job: ConversionJob, night: Night, { listed, inLake }: NightToConvert): Promise<Converted> {
  const paths = new Paths(job.data)
  const before = await readManifest(paths, night)
  // If the tarball is gone, an earlier process finished this night but died before reporting it.
  if (before && !(await exists(paths.tarball(night))))
    return { manifest: before, converted: !inLake, tarball: 'tarball removed' }
  if (before && (await mayBeSuperseded(paths, { night, summary: summarize(before) }))) {
    const tarball = await verifiedReceipt(paths, night, listed)
    if (tarball.md5 !== before.md5) return replaceNight(job, night, before, tarball, listed)
  }
  const manifest = before ?? (await convertWithNote(job, night, listed))
  const converted = !(before && inLake)
  return { manifest, converted, tarball: await removeUnneeded(job, night, manifest, listed) }
}

/** Converts a tarball other than the one that the lake has. If the lake has the listed one, quarantines it instead. */
async function replaceNight(
  job: ConversionJob,
  night: Night,
  before: Manifest,
  { md5 }: TarballIdentity,
  listed: Revision | undefined,
): Promise<Converted> {
  const paths = new Paths(job.data)
  const path = paths.tarball(night)
  const isCurrent = listed && !isOutdated(before, listed)
  const reason = isCurrent && mismatch(md5, (await statOptional(path))?.size ?? 0, listed)
  if (reason) {
    const target = await quarantine(paths, night, path, { reason, md5, listed })
    return { manifest: before, converted: false, tarball: `tarball moved to ${target}: ${reason}` }
  }
  const manifest = await convertWithNote(job, night, listed)
  return { manifest, converted: true, tarball: await removeUnneeded(job, night, manifest, listed) }
}

async function convertWithNote(
  { data, settings }: ConversionJob,
  night: Night,
  listed: Revision | undefined,
): Promise<Manifest> {
  const paths = new Paths(data)
  return withProgressNote(paths, night, progress => convertNight(paths, night, settings, listed, progress)).catch(
    prefix('it was not converted', paths, night),
  )
}

/** Removes the tarball if it is to be removed and may be; returns what became of it. */
async function removeUnneeded(
  { data, keepTarballs }: ConversionJob,
  night: Night,
  manifest: Manifest,
  listed: Revision | undefined,
): Promise<string | undefined> {
  if (keepTarballs) return undefined
  const reason = reasonToKeep(summarize(manifest), listed?.md5)
  if (reason) return `tarball kept: ${reason}`
  const paths = new Paths(data)
  await removeTarball(paths, night, manifest).catch(prefix('its tarball was not removed', paths, night))
  return 'tarball removed'
}

/**
 * Returns an error handler that prefixes messages with `what`. System errors without a path come from reading the
 * tarball, so its path is added.
 */
function prefix(what: string, paths: Paths, night: Night): (error: Error) => never {
  return error => {
    throw new Error(`${what}: ${describeError(error, paths.tarball(night))}`, { cause: error })
  }
}
