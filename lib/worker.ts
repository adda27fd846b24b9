import { convertNight } from './convert.ts'
import type { LakeFileSettings } from './lakefiles.ts'
import type { Manifest } from './manifest.ts'
import { type Night, nightOfStem } from './night.ts'
import { Paths } from './paths.ts'

/** What a process of the farm is asked to do: names, never bytes, since it comes as JSON. */
export interface Job {
  readonly data: string
  readonly settings: LakeFileSettings
  readonly nights: readonly { readonly stem: string; readonly listedMd5: string | undefined }[]
}

/** What became of one night. */
export type Outcome = { readonly stem: string } & ({ readonly manifest: Manifest } | { readonly error: string })

/**
 * Converts a job's nights one by one. A night that fails ends the job, since it may leave the process in any state: the
 * nights that are not told of are then to be given to another.
 */
export async function convert(job: Job, done: (error: null, outcomes: Outcome[]) => void): Promise<void> {
  const outcomes: Outcome[] = []
  const paths = new Paths(job.data)
  for (const { stem, listedMd5 } of job.nights) {
    try {
      outcomes.push({ stem, manifest: await convertNight(paths, nightOfStem(stem) as Night, job.settings, listedMd5) })
    } catch (error) {
      outcomes.push({ stem, error: (error as Error).message })
      break
    }
  }
  done(null, outcomes)
}

// A parent that was killed says nothing: without this its processes would go on writing.
process.once('disconnect', () => process.exit(1))
