import { stat, utimes } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { listLengths } from './arrow.ts'
import type { HistoryLengths } from './candidates.ts'
import { describeReadError } from './check-night.ts'
import { type Manifest, publishManifest, readManifest, stageManifest } from './manifest.ts'
import { readParquet } from './parquet-reader.ts'
import { StagedCandidates } from './staged-candidates.ts'

/**
 * Writes the candidates file of a night that is in the lake, from the lake's files, and adds it to the manifest.
 *
 * @throws Error if the night is not in the lake, its files were moved, or one cannot be read
 */
export async function addCandidates(paths: Paths, night: Night): Promise<Manifest> {
  const manifest = await readManifest(paths, night)
  if (!manifest) throw new Error(`${paths.manifest(night)} is missing: run make lake`)
  if (manifest.movedTo) throw new Error(movedError(paths, night, manifest))
  const files = manifest.files.map(({ name }) => join(paths.partition(night), name))
  const lengths: HistoryLengths[] = []
  for (const file of files) lengths.push(await readLengths(file))
  const candidates = new StagedCandidates(paths, night)
  try {
    const complete = await candidates.write(manifest, files, lengths)
    // Keep the manifest's time, which is that of the conversion.
    const { atime, mtime } = await stat(paths.manifest(night))
    await candidates.bringIn()
    await stageManifest(paths, night, complete)
    await candidates.publish()
    await publishManifest(paths, night)
    await utimes(paths.manifest(night), atime, mtime)
    return complete
  } finally {
    await candidates.discard()
  }
}

function movedError(paths: Paths, night: Night, { movedTo, candidates }: Manifest): string {
  const file = paths.candidatesFile(night)
  const advice = candidates
    ? `copy ${movedTo}/${relative(paths.data, file)} to ${file}`
    : `delete ${paths.manifest(night)}, then run make download lake`
  return `its files, from which it is made, were moved to ${movedTo}: ${advice}`
}

async function readLengths(path: string): Promise<HistoryLengths> {
  const lengths = async (name: string) =>
    listLengths((await readParquet(path, [`${name}.list.element.jd`])).columns, name)
  try {
    return { prvCandidates: await lengths('prv_candidates'), fpHists: await lengths('fp_hists') }
  } catch (error) {
    throw new Error(`${path} ${describeReadError(error)}`, { cause: error })
  }
}
