import type { Revision } from '../archive/revision.ts'
import { describeError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { convertNight } from '../lake/convert.ts'
import { type Manifest, readManifest } from '../lake/manifest.ts'
import type { LakeFileSettings } from '../lake/parquet-writer.ts'
import { isRemovable, removeTarball } from '../lake/remove-tarball.ts'
import { type Night, nightOfStem } from '../night.ts'
import { Paths } from '../paths.ts'
import { withProgressNote } from '../progress/notes.ts'
import { type Answer, forEachNight, type Job } from './worker.ts'

/** What a process that converts is asked to do: names, never bytes, since it comes as JSON. */
export interface ConversionJob extends Job<NightToConvert> {
  readonly data: string
  readonly settings: LakeFileSettings
  readonly keepTarballs: boolean
}

export interface NightToConvert {
  readonly stem: string
  /** How the archive lists it; undefined where it does not. */
  readonly listed: Revision | undefined
  /** Converted by an earlier run: only its tarball is left to be removed. */
  readonly inLake: boolean
}

export interface Converted {
  readonly manifest: Manifest
  readonly converted: boolean
  readonly removed: boolean
}

/** Converts a job's nights. */
export async function convert(job: ConversionJob, answer: Answer<Converted>): Promise<void> {
  await forEachNight(job.nights, night => finish(job, nightOfStem(night.stem) as Night, night), answer)
}

async function finish(job: ConversionJob, night: Night, { listed, inLake }: NightToConvert): Promise<Converted> {
  const paths = new Paths(job.data)
  const before = await readManifest(paths, night)
  // A process that died after this night has told of none of its own.
  if (before && !(await exists(paths.tarball(night)))) return { manifest: before, converted: !inLake, removed: true }
  const known = inLake ? before : undefined
  const convert = () =>
    withProgressNote(paths, night, gauge => convertNight(paths, night, job.settings, listed, gauge)).catch(
      because('it was not converted', paths, night),
    )
  const manifest = known ?? (await convert())
  const removed = !job.keepTarballs && isRemovable(manifest, listed?.md5)
  if (removed) await removeTarball(paths, night, manifest).catch(because('its tarball was not removed', paths, night))
  return { manifest, converted: !known, removed }
}

/** What writes names its file: where an error tells none it is of reading the tarball. */
function because(what: string, paths: Paths, night: Night): (error: Error) => never {
  return error => {
    throw new Error(`${what}: ${describeError(error, paths.tarball(night))}`, { cause: error })
  }
}
