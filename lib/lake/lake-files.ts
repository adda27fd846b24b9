import { join } from 'node:path'
import type { StructColumn } from '../alerts/columns.ts'
import { type Night, parquetName } from '../night.ts'
import { WRITER } from '../paths.ts'
import { BatchEncoder } from './arrow.ts'
import type { LakeFile } from './manifest.ts'
import { type Codec, ParquetFileWriter, readRowCount } from './parquet.ts'

/** Suffix that hides unpublished files from a reader's recursive `*.parquet` glob. */
export const PART_SUFFIX = '.part'

export interface LakeFileSettings {
  readonly codec: Codec
  readonly alertsPerFile: number
}

export interface LakeFilesOptions extends LakeFileSettings {
  readonly night: Night
  /** Staging folder of the night. */
  readonly folder: string
  /** MD5 of the tarball, stored in the file names and footers. */
  readonly md5: string
}

/** Writes batches of alerts to a night's Parquet files, each with at most `alertsPerFile` alerts. */
export class LakeFiles {
  private readonly options: LakeFilesOptions
  private readonly encoder = new BatchEncoder()
  private readonly versions = new Set<string>()
  private file: ParquetFileWriter | undefined
  private alerts = 0
  /** Files that receive no more alerts; each promise resolves once its file is on disk. */
  private readonly ended: Promise<LakeFile>[] = []

  constructor(options: LakeFilesOptions) {
    this.options = options
  }

  /** Number of alerts that still fit into the current file; a batch must not exceed it. */
  get remaining(): number {
    return this.options.alertsPerFile - this.alerts
  }

  /** Writes the first `rows` rows of `columns`; `versions` are their packets' schema versions. */
  async add(columns: StructColumn, rows: number, versions: Iterable<string>): Promise<void> {
    this.file ??= await this.create()
    for (const version of versions) this.versions.add(version)
    this.alerts += rows
    await this.file.write(this.encoder.encode(columns, rows))
    if (this.remaining === 0) this.endFile()
  }

  /** Ends the current file, if any, without waiting until it is on disk. */
  endFile(): void {
    if (!this.file) return
    const ended = this.close(this.file, this.ended.length, this.alerts, [...this.versions].sort())
    // Prevent an unhandled rejection, because `finish` or `create` may await the promise much later.
    ended.catch(() => {})
    this.ended.push(ended)
    this.file = undefined
    this.alerts = 0
    this.versions.clear()
  }

  /** Ends the last file; returns all files once they are on disk and their footers have been read back. */
  async finish(): Promise<LakeFile[]> {
    this.endFile()
    return Promise.all(this.ended)
  }

  /** Waits for the earlier files and closes the current one, ignoring errors. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.ended)
    await this.file?.abandon()
  }

  private async close(file: ParquetFileWriter, index: number, alerts: number, versions: string[]): Promise<LakeFile> {
    const { night, folder, md5 } = this.options
    const name = parquetName(night, md5, index)
    const metadata = JSON.stringify({
      writer: WRITER,
      tarball: night.name,
      tarball_md5: md5,
      schema_versions: versions,
    })
    const written = await file.close(metadata).catch(async error => {
      await file.abandon()
      throw error
    })
    // Read the footer back, because parquet-wasm does not report every failed write.
    const rows = await readRowCount(join(folder, name + PART_SUFFIX))
    if (rows !== alerts) throw new Error(`${name} has ${rows} rows, expected ${alerts}`)
    return { name, alerts, ...written }
  }

  /** Creates the next file, once at most one earlier file is unfinished. This limits memory use. */
  private async create(): Promise<ParquetFileWriter> {
    await this.ended.at(-2)
    const { night, folder, md5, codec } = this.options
    const name = parquetName(night, md5, this.ended.length)
    return ParquetFileWriter.create(join(folder, name + PART_SUFFIX), codec)
  }
}
