import { join } from 'node:path'
import { type Night, parquetName } from '../night.ts'
import type { Codec } from '../parquet/codecs.ts'
import { type ColumnTypes, columnTypes } from '../parquet/column-types.ts'
import type { ListColumn, StructColumn } from '../parquet/columns.ts'
import { ParquetFile } from '../parquet/file.ts'
import { type FinishedRowGroup, RowGroup } from '../parquet/row-group.ts'
import { WRITER } from '../paths.ts'
import type { HistoryLengths } from './candidates.ts'
import type { LakeFile } from './manifest.ts'
import { READ_BACK, readBack } from './read-back.ts'

/** Suffix that hides unpublished files from a reader's recursive `*.parquet` glob. */
export const PART_SUFFIX = '.part'

/** Columns by which single alerts are looked up. */
const INDEXED = {
  pageRanges: new Set(['objectId', 'candid', 'candidate.jd']),
  bloomFilters: new Set(['objectId']),
}

/** Spark ignores the minima and maxima of strings unless this has the form `application version x`. */
const CREATED_BY = WRITER.replace(' ', ' version ')

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

/** Properties of an alert that are not read from its columns. */
export interface AddedAlert {
  readonly candid: bigint
  readonly version: string
  /** Size of its packet in bytes. */
  readonly bytes: number
}

/** Writes a night's alerts to Parquet files, each with at most `alertsPerFile` alerts. */
export class LakeFiles {
  /** Lengths of the alerts' histories, per file. */
  readonly lengths: HistoryLengths[] = []
  private readonly options: LakeFilesOptions
  private readonly table: StructColumn
  private readonly prvCandidates: ListColumn
  private readonly fpHists: ListColumn
  /** First elements of the current alert's histories. */
  private start = { prvCandidates: 0, fpHists: 0 }
  private rowGroup: RowGroup
  /** The alerts of the current file. */
  private types: ColumnTypes
  private candids: bigint[] = []
  private versions = new Set<string>()
  /** The current file, once a row group of it has been encoded; resolves when the last one has been written. */
  private file: Promise<ParquetFile> | undefined
  /** Files that receive no more alerts; each promise resolves once its file is on disk and has been read back. */
  private readonly ended: Promise<LakeFile>[] = []
  /** The last two row groups; each promise resolves once its row group has been written. */
  private writing: readonly [Promise<unknown>, Promise<unknown>] = [Promise.resolve(), Promise.resolve()]

  /** @param table columns into which the caller decodes alerts */
  constructor(table: StructColumn, options: LakeFilesOptions) {
    this.table = table
    this.options = options
    this.prvCandidates = table.children.get('prv_candidates') as ListColumn
    this.fpHists = table.children.get('fp_hists') as ListColumn
    this.types = columnTypes(table)
    this.rowGroup = this.newRowGroup()
  }

  /** Call before an alert is decoded into the columns; call `add` or `undo` afterwards. */
  begin(): void {
    this.rowGroup.begin()
    this.start.prvCandidates = this.prvCandidates.elements.count
    this.start.fpHists = this.fpHists.elements.count
  }

  /** Removes what was decoded since `begin`. */
  undo(): void {
    this.rowGroup.undo()
  }

  /**
   * Adds the alert that was decoded since `begin`. To limit memory, waits until only the last complete row group is
   * unwritten, and for that one, too, once the current row group is half full.
   * @throws Error if an earlier row group could not be written
   */
  async add({ candid, version, bytes }: AddedAlert): Promise<void> {
    this.addLengths()
    this.rowGroup.commit(bytes)
    this.candids.push(candid)
    this.versions.add(version)
    if (this.candids.length === this.options.alertsPerFile) this.endFile()
    else if (this.rowGroup.isFull) this.endRowGroup()
    await this.writing[this.rowGroup.isHalfFull ? 1 : 0]
  }

  /** Ends the current file without waiting until it is on disk. The next one has the columns that the table now has. */
  endFile(): void {
    this.endRowGroup()
    if (this.file) {
      const { types, candids, versions } = this
      this.ended.push(caught(this.close(this.file, this.ended.length, { types, candids, versions })))
    }
    this.file = undefined
    this.candids = []
    this.versions = new Set()
    this.types = columnTypes(this.table)
    this.rowGroup = this.newRowGroup()
  }

  /** Ends the last file; returns all files once they are on disk and have been read back. */
  async finish(): Promise<LakeFile[]> {
    this.endFile()
    return Promise.all(this.ended)
  }

  /** Waits for the earlier files and closes the current one, ignoring errors. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.ended)
    await this.file?.then(
      file => file.abandon(),
      () => {},
    )
  }

  private addLengths(): void {
    if (this.candids.length === 0) this.lengths.push({ prvCandidates: [], fpHists: [] })
    const { prvCandidates, fpHists } = this.lengths.at(-1) as HistoryLengths
    prvCandidates.push(this.prvCandidates.lengthFrom(this.start.prvCandidates))
    fpHists.push(this.fpHists.lengthFrom(this.start.fpHists))
  }

  private newRowGroup(): RowGroup {
    return new RowGroup(this.table, this.options.codec, INDEXED)
  }

  private endRowGroup(): void {
    if (this.rowGroup.rows === 0) return
    this.file = caught(this.write(this.file ?? this.create(), this.rowGroup.end()))
    this.writing = [this.writing[1], this.file]
    this.rowGroup = this.newRowGroup()
  }

  private async write(opening: Promise<ParquetFile>, rowGroup: FinishedRowGroup): Promise<ParquetFile> {
    const file = await opening
    await orAbandon(file, file.write(rowGroup))
    return file
  }

  /** Creates the next file, once the earlier ones are finished. */
  private async create(): Promise<ParquetFile> {
    const path = this.pathOf(this.ended.length)
    await this.ended.at(-1)
    return ParquetFile.create(path, READ_BACK)
  }

  private async close(
    writing: Promise<ParquetFile>,
    index: number,
    { types, candids, versions }: { types: ColumnTypes; candids: readonly bigint[]; versions: ReadonlySet<string> },
  ): Promise<LakeFile> {
    const { night, md5 } = this.options
    const metadata = { writer: WRITER, tarball: night.name, tarball_md5: md5, schema_versions: [...versions].sort() }
    const file = await writing
    const { excerpts, ...written } = await orAbandon(
      file,
      file.close(CREATED_BY, { ztf_lake: JSON.stringify(metadata) }),
    )
    await readBack(this.pathOf(index), { types, candids, excerpts })
    return { name: parquetName(night, md5, index), alerts: candids.length, ...written }
  }

  private pathOf(index: number): string {
    const { night, md5, folder } = this.options
    return join(folder, parquetName(night, md5, index) + PART_SUFFIX)
  }
}

/** Returns the result of an operation on a file; closes the file if the operation fails. */
async function orAbandon<T>(file: ParquetFile, result: Promise<T>): Promise<T> {
  return result.catch(async error => {
    await file.abandon()
    throw error
  })
}

/** Returns the promise. Its rejection is not reported as unhandled, because it may be awaited much later. */
function caught<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
