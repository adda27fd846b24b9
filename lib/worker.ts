import { convertNight } from './convert.ts'
import type { Edition } from './edition.ts'
import { sentenceOf } from './faults.ts'
import { isTaken } from './files.ts'
import type { LakeFileSettings } from './lakefiles.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { type Night, nightOfStem } from './night.ts'
import { Paths } from './paths.ts'
import { isSpent, removeTarball } from './removal.ts'

/** What a process of the farm is asked to do: names, never bytes, since it comes as JSON. */
export interface Job {
  readonly data: string
  readonly settings: LakeFileSettings
  readonly keepTarballs: boolean
  readonly nights: readonly JobNight[]
}

export interface JobNight {
  readonly stem: string
  readonly listed: Edition | undefined
  /** Converted by an earlier run: only its tarball is left to be removed. */
  readonly inLake: boolean
}

/** What became of one night. */
export type Outcome = { readonly stem: string } & (
  | { readonly manifest: Manifest; readonly converted: boolean; readonly removed: boolean }
  | { readonly error: string }
)

/**
 * Converts a job's nights one by one. A night that fails ends the job, since it may leave the process in any state: the
 * nights that are not told of are then to be given to another.
 */
export async function convert(job: Job, done: (error: null, outcomes: Outcome[]) => void): Promise<void> {
  const outcomes: Outcome[] = []
  for (const { stem, ...night } of job.nights) {
    try {
      outcomes.push({ stem, ...(await finish(job, nightOfStem(stem) as Night, night)) })
    } catch (error) {
      outcomes.push({ stem, error: sentenceOf(error, job.data) })
      break
    }
  }
  done(null, outcomes)
}

async function finish(job: Job, night: Night, { listed, inLake }: Omit<JobNight, 'stem'>) {
  const paths = new Paths(job.data)
  const before = await readManifest(paths, night)
  // A process that died after this night has told of none of its own.
  if (before && !(await isTaken(paths.tarball(night)))) return { manifest: before, converted: !inLake, removed: true }
  const known = inLake ? before : undefined
  const convert = () =>
    convertNight(paths, night, job.settings, listed).catch(because('it was not converted', paths, night))
  const manifest = known ?? (await convert())
  const removed = !job.keepTarballs && isSpent(manifest, listed?.md5)
  if (removed) await removeTarball(paths, night, manifest).catch(because('its tarball was not removed', paths, night))
  return { manifest, converted: !known, removed }
}

/** What writes names its file: where an error tells none it is of reading the tarball. */
function because(what: string, paths: Paths, night: Night): (error: Error) => never {
  return error => {
    throw new Error(`${what}: ${sentenceOf(error, paths.tarball(night))}`, { cause: error })
  }
}

// A parent that was killed says nothing: without this its processes would go on writing.
process.once('disconnect', () => process.exit(1))
