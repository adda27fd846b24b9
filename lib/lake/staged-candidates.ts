import { randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { diskOf } from '../core/disk.ts'
import { exists, listNames, makeFolder, move, remove, syncToDisk } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type HistoryLengths, writeCandidates } from './candidates.ts'
import { PART_SUFFIX } from './lake-files.ts'
import type { Manifest } from './manifest.ts'
import { hidden } from './publish.ts'

/** A night's candidates file, in a staging folder or under a name that readers ignore until it is published. */
export class StagedCandidates {
  private readonly paths: Paths
  private readonly night: Night
  /** Unique, because a process from a killed run may still be writing. */
  private readonly staged: string
  /** Where the file is now. */
  private path: string

  constructor(paths: Paths, night: Night) {
    this.paths = paths
    this.night = night
    this.staged = join(paths.candidatesStaging, `${night.stem}.${randomUUID()}.parquet${PART_SUFFIX}`)
    this.path = this.staged
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

  /**
   * Syncs the file, and brings it to the disk of the candidates table if that is another one, so that publishing it takes
   * no space. It stays in the staging folder otherwise, because Polars reads hidden files of the table, too.
   */
  async bringIn(): Promise<void> {
    const target = this.paths.candidatesFile(this.night)
    if (!(await exists(this.path))) return
    await syncToDisk(this.path)
    await makeFolder(dirname(target))
    const [from, to] = await Promise.all([this.staged, target].map(path => diskOf(dirname(path))))
    if (from?.disk === to?.disk) return
    const brought = join(dirname(target), hidden(basename(target)))
    await move(this.path, brought)
    this.path = brought
  }

  /** Replaces the night's file in the candidates table. If the night has no alerts, removes the file. */
  async publish(): Promise<void> {
    const target = this.paths.candidatesFile(this.night)
    if (!(await exists(this.path))) return remove(target)
    await move(this.path, target)
  }

  async discard(): Promise<void> {
    await remove(this.path)
    await remove(`${this.staged}.tmp`)
  }
}
