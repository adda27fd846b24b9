import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchEncoder } from './arrow.ts'
import type { StructColumn } from './columns.ts'
import { namesIn, remove } from './files.ts'
import type { LakeFile } from './manifest.ts'
import { type Night, parquetName } from './night.ts'
import { type Codec, ParquetFile, rowsOf } from './parquet.ts'
import type { Paths } from './paths.ts'

export interface LakeFileSettings {
  readonly codec: Codec
  readonly alertsPerFile: number
}

/**
 * A night's Parquet files: batches of alerts in, files of a fixed number of alerts out.
 * They are built in a hidden folder; `publish` gives them their final names.
 */
export class LakeFiles {
  private readonly night: Night
  private readonly folder: string
  private readonly settings: LakeFileSettings
  private readonly note: Readonly<Record<string, string>>
  private readonly encoder = new BatchEncoder()
  private readonly versions = new Set<string>()
  private open: ParquetFile | undefined
  private alerts = 0
  /** Files that are full, whether they are on disk yet or not. */
  private readonly ended: Promise<LakeFile>[] = []

  /** @param note what each file's footer says, besides the schema versions of its alerts */
  constructor(night: Night, folder: string, settings: LakeFileSettings, note: Readonly<Record<string, string>>) {
    this.night = night
    this.folder = folder
    this.settings = settings
    this.note = note
  }

  /** Alerts that the current file still takes; a batch must hold no more. */
  get room(): number {
    return this.settings.alertsPerFile - this.alerts
  }

  /** Adds the first `rows` rows of `columns`, whose headers state `versions`. */
  async add(columns: StructColumn, rows: number, versions: Iterable<string>): Promise<void> {
    this.open ??= await this.begin()
    for (const version of versions) this.versions.add(version)
    this.alerts += rows
    await this.open.write(this.encoder.encode(columns, rows))
    if (this.room === 0) this.next()
  }

  /** Ends the file that is open, if one is, and does not wait until the disk has it. */
  next(): void {
    if (!this.open) return
    const ended = this.end(this.open, this.ended.length, this.alerts, [...this.versions].sort())
    // `finish` or the file after the next hears of a failure.
    ended.catch(() => {})
    this.ended.push(ended)
    this.open = undefined
    this.alerts = 0
    this.versions.clear()
  }

  /** Ends the last file; returns all of them once they are on disk and their footers have been read back. */
  async finish(): Promise<LakeFile[]> {
    this.next()
    return Promise.all(this.ended)
  }

  /** Gives up the file that is open, if one is. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.ended)
    await this.open?.abandon()
  }

  private async end(file: ParquetFile, index: number, alerts: number, versions: string[]): Promise<LakeFile> {
    const name = parquetName(this.night, index)
    const note = JSON.stringify({ ...this.note, schema_versions: versions })
    const written = await file.close(note).catch(async error => {
      await file.abandon()
      throw error
    })
    const rows = await rowsOf(join(this.folder, name))
    if (rows !== alerts) throw new Error(`${name} was written with ${rows} rows, expected ${alerts}`)
    return { name, alerts, ...written }
  }

  /** Begins a file, once all but the last of those before are on disk: memory holds two at most. */
  private async begin(): Promise<ParquetFile> {
    await this.ended.at(-2)
    const path = join(this.folder, parquetName(this.night, this.ended.length))
    return ParquetFile.create(path, this.settings.codec)
  }
}

/**
 * Moves a night's finished files from the folder where they were built into its partition, and removes the night's former ones.
 * Another tarball's files of the same date stay.
 */
export async function publish(paths: Paths, night: Night, folder: string, files: readonly LakeFile[]): Promise<void> {
  const partition = paths.partition(night)
  const names = new Set(files.map(file => file.name))
  if (names.size > 0) await mkdir(partition, { recursive: true })
  for (const name of names) await rename(join(folder, name), join(partition, name))
  const former = (await namesIn(partition)).filter(name => name.startsWith(`${night.stem}-`))
  for (const name of former) if (!names.has(name)) await remove(join(partition, name))
}
