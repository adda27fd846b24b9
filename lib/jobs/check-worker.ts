import { nightFaults } from '../lake/check-night.ts'
import { tarballFaults } from '../lake/check-tarball.ts'
import { inspectManifest, type Manifest } from '../lake/manifest.ts'
import { type Night, nightOfStem } from '../night.ts'
import { Paths } from '../paths.ts'
import { type Answer, forEachNight, type Job } from './worker.ts'

export interface CheckJob extends Job {
  readonly data: string
  /** Whether to also compare each night with its tarball, if the tarball is on disk. */
  readonly deep: boolean
}

export interface Checked {
  readonly faults: readonly string[]
  readonly compared: boolean
}

export async function check(job: CheckJob, answer: Answer<Checked>): Promise<void> {
  await forEachNight(job.nights, night => checkOne(job, nightOfStem(night.stem) as Night), answer)
}

async function checkOne({ data, deep }: CheckJob, night: Night): Promise<Checked> {
  const paths = new Paths(data)
  const manifest = await inspectManifest(paths, night)
  if (!manifest || manifest instanceof Error)
    return { faults: [manifest?.message ?? 'it has no manifest'], compared: false }
  const faults = await nightFaults(paths, night, manifest)
  return deep && faults.length === 0 ? compare(paths, night, manifest) : { faults, compared: false }
}

async function compare(paths: Paths, night: Night, manifest: Manifest): Promise<Checked> {
  const faults = await tarballFaults(paths, night, manifest)
  return { faults: faults ?? [], compared: faults !== undefined }
}
