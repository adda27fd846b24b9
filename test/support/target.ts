import assert from 'node:assert/strict'
import type avsc from 'avsc'
import type { StructColumn } from '../../lib/alerts/columns.ts'
import { compile, type Step } from '../../lib/alerts/compile.ts'
import { Decoder } from '../../lib/alerts/decoder.ts'
import { PacketReader } from '../../lib/alerts/packet.ts'
import { LIMITS } from '../../lib/limits.ts'
import { padded, valueAt } from './columns-reader.ts'
import { comparable, plain } from './oracle.ts'

/** Decodes packets and bare records of any schema into columns, as a conversion does. */
export class Target {
  rows = 0
  readonly newColumns: string[] = []
  readonly columns: StructColumn
  private readonly decoder = new Decoder()
  private readonly steps = new Map<string, Step>()
  private readonly packets = new PacketReader(text => this.step(text))

  constructor(columns: StructColumn) {
    this.columns = columns
  }

  /** Appends the record of a packet as a row. */
  open(packet: Buffer): void {
    const { schema, start, end } = this.packets.open(packet, 0, packet.length)
    this.decoder.decode(schema, this.rows, packet, start, end)
    this.rows++
  }

  /** Appends a bare record as a row. */
  decode(schema: string, record: Buffer): void {
    this.decoder.decode(this.step(schema), this.rows, record, 0, record.length)
    this.rows++
  }

  truncate(rows: number): void {
    this.columns.truncate(rows)
    this.rows = rows
  }

  /** Asserts that a row has the value that avsc reads, and null in every column that its schema lacks. */
  assertRow(row: number, type: avsc.Type, value: unknown): void {
    const { expected, actual } = comparable(type, value, valueAt(this.columns, row))
    assert.deepEqual(plain(actual), padded(this.columns, plain(expected)))
  }

  private step(text: string): Step {
    const known = this.steps.get(text)
    if (known) return known
    const { step, added } = compile(text, this.columns, LIMITS.addedColumns - this.newColumns.length)
    this.newColumns.push(...added)
    this.steps.set(text, step)
    return step
  }
}
