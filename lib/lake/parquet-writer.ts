import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StructColumn } from '../alerts/columns.ts'
import { exists, listNames, remove } from '../core/files.ts'
import { isOwnFile, type Night, parquetName, siblingOf } from '../night.ts'
import { type Paths, WRITER } from '../paths.ts'
import { BatchEncoder } from './arrow.ts'
import { addCommonColumns } from './common-metadata.ts'
import type { LakeFile, Manifest } from './manifest.ts'
import { type Codec, ParquetFile, rowsOf } from './parquet.ts'

/** Until a night is published none of its files matches a reader's `*.parquet`, wherever that looks. */
const PART = '.part'

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
  private readonly md5: string
  private readonly note: Readonly<Record<string, string>>
  private readonly encoder = new BatchEncoder()
  private readonly versions = new Set<string>()
  private open: ParquetFile | undefined
  private alerts = 0
  /** Files that are full, whether they are on disk yet or not. */
  private readonly ended: Promise<LakeFile>[] = []

  /** @param md5 of the tarball: it is part of the files' names, and each footer tells it */
  constructor(night: Night, folder: string, settings: LakeFileSettings, md5: string) {
    this.night = night
    this.folder = folder
    this.settings = settings
    this.md5 = md5
    this.note = { writer: WRITER, tarball: night.name, tarball_md5: md5 }
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
    const name = parquetName(this.night, this.md5, index)
    const note = JSON.stringify({ ...this.note, schema_versions: versions })
    const written = await file.close(note).catch(async error => {
      await file.abandon()
      throw error
    })
    const rows = await rowsOf(join(this.folder, name + PART))
    if (rows !== alerts) throw new Error(`${name} was written with ${rows} rows, expected ${alerts}`)
    return { name, alerts, ...written }
  }

  /** Begins a file, once all but the last of those before are on disk: memory holds two at most. */
  private async begin(): Promise<ParquetFile> {
    await this.ended.at(-2)
    const name = parquetName(this.night, this.md5, this.ended.length)
    return ParquetFile.create(join(this.folder, name + PART), this.settings.codec)
  }
}

/**
 * Moves a night's finished files from where they were built into its partition, in place of its former ones. Another
 * tarball's files of the same date stay.
 *
 * A partition that is this night's alone comes and goes as a whole, so that who lists it finds the former night, the
 * new one or, between two renames, none; of a shared one the former files go first, so that no alert is there twice.
 */
export async function publish(
  paths: Paths,
  night: Night,
  folder: string,
  { files, newColumns }: Pick<Manifest, 'files' | 'newColumns'>,
): Promise<void> {
  const partition = paths.partition(night)
  await mkdir(dirname(partition), { recursive: true })
  for (const { name } of files) await rename(join(folder, name + PART), join(folder, name))
  // A night's last file has all of its columns.
  const last = files.at(-1)
  if (last && newColumns.length > 0) await addCommonColumns(paths, [join(folder, last.name)], folder)
  if (await isShared(paths, night)) return replaceFiles(folder, partition, night, files)
  const former = `${folder}.former`
  const replaces = await exists(partition)
  if (replaces) await rename(partition, former)
  if (files.length > 0) await rename(folder, partition).catch(putBack)
  await remove(former)

  async function putBack(error: Error): Promise<never> {
    if (replaces) await rename(former, partition)
    throw error
  }
}

/** Whether a partition has, or may get at any moment, files that are not this night's. */
async function isShared(paths: Paths, night: Night): Promise<boolean> {
  const sibling = siblingOf(night)
  const signs = await Promise.all([paths.tarball(sibling), paths.manifest(sibling)].map(exists))
  return signs.includes(true) || (await listNames(paths.partition(night))).some(name => !isOwnFile(night, name))
}

async function replaceFiles(
  folder: string,
  partition: string,
  night: Night,
  files: readonly LakeFile[],
): Promise<void> {
  if (files.length > 0) await mkdir(partition, { recursive: true })
  const names = new Set(files.map(file => file.name))
  const former = (await listNames(partition)).filter(name => isOwnFile(night, name) && !names.has(name))
  for (const name of former) await remove(join(partition, name))
  for (const name of names) await rename(join(folder, name), join(partition, name))
}
