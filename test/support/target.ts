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
  /** Steps with which the rows were decoded. */
  private readonly rowSteps: Step[] = []
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
    this.rowSteps.length = 0
    this.current = undefined
  }

  /** Asserts that a row has the value that avsc reads, and null in every column that its schema lacks. */
  assertRow(row: number, type: avsc.Type, value: unknown): void {
    const step = this.rowSteps[row] ?? assert.fail()
    const { expected, actual } = comparable(type, value, byField(step, this.value(row)))
    assert.deepEqual(plain(actual), plain(expected))
  }

  private append(step: Step, bytes: Buffer, start: number, end: number): void {
    this.current = undefined
    this.rowGroup.begin()
    try {
      this.decoder.decode(step, bytes, start, end)
      this.rowSteps.push(step)
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

/** Returns a value of the columns with the names of the fields. Columns of no field must be null. */
function byField({ column, shape, children }: Step, value: unknown): unknown {
  if (value === null) return null
  if (column.type === 'list') return (value as unknown[]).map(element => byField(children[0] as Step, element))
  if (column.type !== 'struct' || shape.kind !== 'record') return value
  const rest = new Map(Object.entries(value as object))
  const fields = shape.fields.map(({ name }, i) => {
    const child = children[i] as Step
    const [columnName = ''] = [...column.children].find(([, other]) => other === child.column) ?? []
    const found = rest.get(columnName)
    rest.delete(columnName)
    return [name, byField(child, found)] as const
  })
  for (const [name, other] of rest) assert.equal(other, null, `${name} has a value that no field has`)
  return Object.fromEntries(fields)
}
