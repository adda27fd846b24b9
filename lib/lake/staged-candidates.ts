import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { exists, listNames, makeFolder, move, remove } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type HistoryLengths, writeCandidates } from './candidates.ts'
import { PART_SUFFIX } from './lake-files.ts'
import type { Manifest } from './manifest.ts'

/** A night's candidates file, in a staging folder until it is published. */
export class StagedCandidates {
  private readonly paths: Paths
  private readonly night: Night
  /** Unique, because a process from a killed run may still be writing. */
  private readonly path: string

  constructor(paths: Paths, night: Night) {
    this.paths = paths
    this.night = night
    this.path = join(paths.candidatesStaging, `${night.stem}.${randomUUID()}.parquet${PART_SUFFIX}`)
  }

  /**
   * Writes the file, unless the night has no alerts. Removes files of earlier attempts, whose processes died.
   *
   * @param paths paths of the manifest's files
   * @param lengths lengths of the alerts' histories, per file
   * @returns the manifest with the candidates file and the ranges of each lake file
   */
  async write<M extends Pick<Manifest, 'md5' | 'files'>>(
    manifest: M,
    paths: readonly string[],
    lengths: readonly HistoryLengths[],
  ): Promise<M & Pick<Manifest, 'candidates'>> {
    const { files, md5 } = manifest
    if (files.length === 0) return manifest
    const folder = dirname(this.path)
    await makeFolder(folder)
    const former = (await listNames(folder)).filter(name => name.startsWith(`${this.night.stem}.`))
    for (const name of former) await remove(join(folder, name))
    const sources = paths.map((path, i) => ({ path, lengths: lengths[i] as HistoryLengths }))
    const { ranges, ...candidates } = await writeCandidates({ night: this.night, md5, files: sources }, this.path)
    return { ...manifest, files: files.map((file, i) => ({ ...file, ...ranges[i] })), candidates }
  }

  /** Replaces the night's file in the candidates table. If the night has no alerts, removes the file. */
  async publish(): Promise<void> {
    const target = this.paths.candidatesFile(this.night)
    if (!(await exists(this.path))) return remove(target)
    await move(this.path, target)
  }

  async discard(): Promise<void> {
    await remove(this.path)
    await remove(`${this.path}.tmp`)
  }
}
