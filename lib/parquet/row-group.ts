import type { Codec } from './codecs.ts'
import { ColumnChunk, type Indexed } from './column-chunk.ts'
import type { Column, Entries, StructColumn } from './columns.ts'
import { schemaElements } from './schema.ts'
import type { ThriftStruct } from './thrift.ts'

/** A page of a column ends at this many rows, or at about this many bytes of values. */
const PAGE_ROWS = 1024
const PAGE_BYTES = 256 << 10
/** Number of entries, in all lists together, at which the pages of all columns end. */
const PAGE_ENTRIES = 1 << 18
/** Columns are checked for large pages after this many rows, bytes of input or entries, whichever comes first. */
const CHECK_ROWS = 32
const CHECK_BYTES = 4 << 20
const CHECK_ENTRIES = 1 << 13

/** Bytes of pages, and number of rows, at which a row group is full. It is held in memory until it is written. */
const MAX_BYTES = 128 << 20
const MAX_ROWS = 3000

/** A complete row group, to be written. */
export interface FinishedRowGroup {
  readonly rows: number
  readonly schema: readonly ThriftStruct[]
  /** The column chunks, in the order of the schema. */
  readonly chunks: readonly ColumnChunk[]
}

/** Collects rows from the columns of a table, and encodes them page by page. */
export class RowGroup {
  rows = 0
  private bytes = 0
  private readonly schema: readonly ThriftStruct[]
  private readonly chunks: ColumnChunk[] = []
  private readonly structs: StructColumn[] = []
  private readonly entries: Entries[]
  /** Sizes of the columns before the current row, for `undo`. */
  private readonly lengths: Float64Array
  private readonly nulls: Float64Array
  private readonly counts: Float64Array
  /** Rows in the current page. */
  private pageRows = 0
  /** Rows and bytes since the last check, and entries at the last check. */
  private unchecked = { rows: 0, bytes: 0 }
  private checkedEntries = 0

  /** @param table must not gain columns while the row group is in use */
  constructor(table: StructColumn, codec: Codec, indexed: Indexed) {
    const entries = new Set([table.entries])
    const visit = (column: Column, path: readonly string[], parents: readonly StructColumn[]): void => {
      entries.add(column.entries)
      if (column.type === 'list') visit(column.element, [...path, 'list', 'element'], [])
      else if (column.type === 'struct') {
        this.structs.push(column)
        for (const [name, child] of column.children) visit(child, [...path, name], [...parents, column])
      } else this.chunks.push(new ColumnChunk(column, parents, path, codec, indexed))
    }
    visit(table, [], [])
    this.schema = schemaElements(table)
    this.entries = [...entries]
    this.lengths = new Float64Array(this.chunks.length)
    this.nulls = new Float64Array(this.structs.length)
    this.counts = new Float64Array(this.entries.length)
  }

  get isFull(): boolean {
    return this.rows >= MAX_ROWS || this.bytes >= MAX_BYTES
  }

  get isHalfFull(): boolean {
    return this.rows >= MAX_ROWS / 2 || this.bytes >= MAX_BYTES / 2
  }

  /** Call before each row is added to the columns. */
  begin(): void {
    const { chunks, structs, entries } = this
    for (let i = 0; i < chunks.length; i++) this.lengths[i] = (chunks[i] as ColumnChunk).leaf.length
    for (let i = 0; i < structs.length; i++) this.nulls[i] = (structs[i] as StructColumn).nulls.length
    for (let i = 0; i < entries.length; i++) this.counts[i] = (entries[i] as Entries).count
  }

  /** Removes the row, or the part of a row, that was added to the columns since `begin`. */
  undo(): void {
    const start = new Map(this.entries.map((entries, i) => [entries, this.counts[i] as number]))
    for (const [i, { leaf }] of this.chunks.entries()) {
      leaf.truncate(this.lengths[i] as number)
      leaf.clearLevels(start.get(leaf.entries) as number, leaf.entries.count)
    }
    for (const [i, { nulls }] of this.structs.entries()) nulls.length = this.nulls[i] as number
    for (const [i, entries] of this.entries.entries()) entries.count = this.counts[i] as number
  }

  /**
   * Keeps the row that was added since `begin`.
   *
   * @param bytes size of the row's input; this and the number of entries decide when large pages are looked for
   */
  commit(bytes: number): void {
    this.rows++
    this.pageRows++
    const { unchecked, entryCount } = this
    unchecked.rows++
    unchecked.bytes += bytes
    const entries = entryCount - this.checkedEntries
    if (unchecked.rows < CHECK_ROWS && unchecked.bytes < CHECK_BYTES && entries < CHECK_ENTRIES) return
    if (this.pageRows >= PAGE_ROWS || entryCount >= PAGE_ENTRIES) this.endPages()
    else this.endLargePages()
    this.unchecked = { rows: 0, bytes: 0 }
    this.checkedEntries = this.entryCount
  }

  /** Ends the row group. The columns are then empty, and may be used for the next one. */
  end(): FinishedRowGroup {
    this.endPages()
    const { rows, schema, chunks } = this
    return { rows, schema, chunks }
  }

  private endLargePages(): void {
    for (const chunk of this.chunks) if (chunk.leaf.length >= PAGE_BYTES) this.bytes += chunk.endPage(this.rows)
  }

  /** Ends the pages of all columns, so that their entries can be numbered from 0 again. */
  private endPages(): void {
    for (const chunk of this.chunks) {
      this.bytes += chunk.endPage(this.rows)
      chunk.restartEntries()
    }
    for (const { nulls } of this.structs) nulls.length = 0
    for (const entries of this.entries) entries.count = 0
    this.pageRows = 0
  }

  private get entryCount(): number {
    let sum = 0
    for (const { count } of this.entries) sum += count
    return sum
  }
}
