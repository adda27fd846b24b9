import { candidatesFaults } from '../lake/check-candidates.ts'
import { lakeFaults, packetFaults } from '../lake/check-night.ts'
import { tarballFaults } from '../lake/check-tarball.ts'
import { BrokenManifest, inspectManifest } from '../lake/manifest.ts'
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
  /** Faults of the candidates file, which can be made again from the lake. Not looked for if the lake has faults. */
  readonly candidates: readonly string[]
  /** Why the tarball is not the one that was converted; undefined if it is, or was not compared. */
  readonly tarball?: string | undefined
  readonly compared: boolean
}

export async function check(job: CheckJob, answer: Answer<Checked>): Promise<void> {
  await forEachNight(job.nights, night => checkOne(job, nightOfStem(night.stem) as Night), answer)
}

async function checkOne({ data, deep }: CheckJob, night: Night): Promise<Checked> {
  const paths = new Paths(data)
  const manifest = await inspectManifest(paths, night)
  // A manifest that may not be read may be intact, so the night counts as not checked.
  if (manifest instanceof Error && !(manifest instanceof BrokenManifest)) throw manifest
  if (!manifest || manifest instanceof Error)
    return { faults: [manifest?.message ?? 'it has no manifest'], candidates: [], compared: false }
  const lake = await lakeFaults(paths, night, manifest)
  const faults = [...lake, ...(await packetFaults(paths, night, manifest))]
  const candidates = lake.length > 0 ? [] : await candidatesFaults(paths, night, manifest)
  if (faults.length > 0) return { faults, candidates, compared: false }
  const differences = deep ? await tarballFaults(paths, night, manifest) : undefined
  return {
    faults: differences?.night ?? [],
    candidates,
    tarball: differences?.tarball,
    compared: differences !== undefined && !differences.tarball,
  }
}
