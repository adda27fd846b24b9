import assert from 'node:assert/strict'
import type avsc from 'avsc'
import { type ColumnRegistry, KnownColumns } from '../../lib/alerts/column-names.ts'
import { compile, type Step } from '../../lib/alerts/compile.ts'
import { Decoder } from '../../lib/alerts/decoder.ts'
import { PacketReader } from '../../lib/alerts/packet.ts'
import { LIMITS } from '../../lib/limits.ts'
import type { StructColumn } from '../../lib/parquet/columns.ts'
import { RowGroup } from '../../lib/parquet/row-group.ts'
import { padded, rowsOf } from './columns-reader.ts'
import { comparable, plain } from './oracle.ts'

/**
 * Decodes packets and bare records of any schema into columns, as a conversion does. Unlike a conversion, it keeps all
 * rows in the columns, so that they can be read.
 */
export class Target {
  readonly newColumns: string[] = []
  readonly columns: StructColumn
  private readonly registry: ColumnRegistry
  private rowGroup: RowGroup
  /** Rows that were in the columns before a schema added columns. */
  private readonly earlier: Record<string, unknown>[] = []
  /** Rows in the columns; undefined until they are read. */
  private current: Record<string, unknown>[] | undefined
  private readonly decoder = new Decoder()
  private readonly steps = new Map<string, Step>()
  private readonly packets = new PacketReader(text => this.step(text))

  constructor(columns: StructColumn, registry: ColumnRegistry = new KnownColumns()) {
    this.columns = columns
    this.registry = registry
    this.rowGroup = this.newRowGroup()
  }

  get rows(): number {
    return this.earlier.length + this.columns.entries.count
  }

  /** Appends the record of a packet as a row; an error leaves no part of it. */
  open(packet: Buffer): void {
    const { schema, start, end } = this.packets.open(packet, 0, packet.length)
    this.append(schema, packet, start, end)
  }

  /** Appends a bare record as a row; an error leaves no part of it. */
  decode(schema: string, record: Buffer): void {
    this.append(this.step(schema), record, 0, record.length)
  }

  /** Returns the value of a row, with null in every column that its schema lacks. */
  value(row: number): unknown {
    this.current ??= rowsOf(this.columns)
    const earlier = this.earlier[row]
    return earlier ? padded(this.columns, earlier) : this.current[row - this.earlier.length]
  }

  /** Ends the pages of all columns, and forgets all rows. */
  clear(): void {
    this.rowGroup.end()
    this.rowGroup = this.newRowGroup()
    this.earlier.length = 0
    this.current = undefined
  }

  /** Asserts that a row has the value that avsc reads, and null in every column that its schema lacks. */
  assertRow(row: number, type: avsc.Type, value: unknown): void {
    const { expected, actual } = comparable(type, value, this.value(row))
    assert.deepEqual(plain(actual), padded(this.columns, plain(expected)))
  }

  private append(step: Step, bytes: Buffer, start: number, end: number): void {
    this.current = undefined
    this.rowGroup.begin()
    try {
      this.decoder.decode(step, bytes, start, end)
    } catch (error) {
      this.rowGroup.undo()
      throw error
    }
  }

  /** Compiles a schema. If it adds columns, empties the columns, because all rows of a file have the same columns. */
  private step(text: string): Step {
    const known = this.steps.get(text)
    if (known) return known
    const before = rowsOf(this.columns)
    const { step, added } = compile(text, this.columns, LIMITS.addedColumns - this.newColumns.length, this.registry)
    this.newColumns.push(...added)
    if (added.length > 0) {
      this.earlier.push(...before)
      this.rowGroup.end()
      this.rowGroup = this.newRowGroup()
      this.steps.clear()
      this.packets.forgetSchemas()
    }
    this.steps.set(text, step)
    return step
  }

  private newRowGroup(): RowGroup {
    return new RowGroup(this.columns, 'none', { pageRanges: new Set(), bloomFilters: new Set() })
  }
}
