import type { Revision } from '../archive/revision.ts'
import { describeError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { convertNight } from '../lake/convert.ts'
import type { LakeFileSettings } from '../lake/lake-files.ts'
import { type Manifest, readManifest } from '../lake/manifest.ts'
import { isRemovable, removeTarball } from '../lake/remove-tarball.ts'
import { type Night, nightOfStem } from '../night.ts'
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
  /** Whether the night is already in the lake, so that only its tarball has to be removed. */
  readonly inLake: boolean
}

export interface Converted {
  readonly manifest: Manifest
  readonly converted: boolean
  readonly removed: boolean
}

export async function convert(job: ConversionJob, answer: Answer<Converted>): Promise<void> {
  await forEachNight(job.nights, night => convertOne(job, nightOfStem(night.stem) as Night, night), answer)
}

async function convertOne(job: ConversionJob, night: Night, { listed, inLake }: NightToConvert): Promise<Converted> {
  const paths = new Paths(job.data)
  const before = await readManifest(paths, night)
  // If the tarball is gone, an earlier process finished this night but died before reporting it.
  if (before && !(await exists(paths.tarball(night)))) return { manifest: before, converted: !inLake, removed: true }
  const known = inLake ? before : undefined
  const convert = () =>
    withProgressNote(paths, night, progress => convertNight(paths, night, job.settings, listed, progress)).catch(
      prefix('it was not converted', paths, night),
    )
  const manifest = known ?? (await convert())
  const removed = !job.keepTarballs && isRemovable(manifest, listed?.md5)
  if (removed) await removeTarball(paths, night, manifest).catch(prefix('its tarball was not removed', paths, night))
  return { manifest, converted: !known, removed }
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
