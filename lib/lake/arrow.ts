import * as arrow from 'apache-arrow'
import type { Column, FixedColumn, ListColumn, StructColumn } from '../alerts/columns.ts'

/** Columns as Arrow record batches. The columns' own buffers are Arrow's: nothing is copied until the stream is. */

const TYPES = {
  int: new arrow.Int32(),
  long: new arrow.Int64(),
  float: new arrow.Float32(),
  double: new arrow.Float64(),
  boolean: new arrow.Bool(),
  string: new arrow.Utf8(),
  bytes: new arrow.Binary(),
}

/** Writes batches of alerts as Arrow IPC streams of one batch each, into a buffer that is used again. */
export class BatchEncoder {
  private readonly buffer = new Joined()

  /**
   * @param alerts the columns, of which the first `rows` rows are written
   * @returns the stream; the next call writes over it
   */
  encode(alerts: StructColumn, rows: number): Uint8Array {
    const type = structOf(alerts)
    const batch = new arrow.RecordBatch(new arrow.Schema(type.children), structData(alerts, type, rows))
    return this.buffer.join(batch)
  }
}

/** apache-arrow's own writer hands out hundreds of small parts; this puts them where they are wanted at once. */
class Joined extends arrow.RecordBatchStreamWriter {
  private bytes = new Uint8Array(1 << 20)
  private length = 0

  join(batch: arrow.RecordBatch): Uint8Array {
    this.length = 0
    this.write(batch)
    this.finish()
    return this.bytes.subarray(0, this.length)
  }

  protected override _write(chunk: ArrayBufferView): this {
    const part = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.length + part.length > this.bytes.length) this.grow(this.length + part.length)
    this.bytes.set(part, this.length)
    this.length += part.length
    return this
  }

  private grow(length: number): void {
    const bytes = new Uint8Array(Math.max(length, this.bytes.length * 1.25))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }
}

/** The type of each column by its path, as `candidate.jd` or, inside a list's records, `prv_candidates.jd`. */
export type ColumnTypes = ReadonlyMap<string, string>

export function typesOf(columns: StructColumn): ColumnTypes {
  return new Map(typesIn(structOf(columns).children))
}

/** The types in a schema, given as an Arrow IPC stream. */
export function typesOfSchema(ipc: Uint8Array): ColumnTypes {
  return new Map(typesIn(arrow.tableFromIPC(ipc).schema.fields))
}

/** A column of longs out of an Arrow IPC stream; nulls are left out. */
export function longsOf(ipc: Uint8Array, name: string): BigInt64Array {
  const column = arrow.tableFromIPC(ipc).getChild(name)
  return BigInt64Array.from([...(column ?? [])].filter(value => value !== null))
}

function* typesIn(fields: readonly arrow.Field[], path = ''): Generator<[path: string, type: string]> {
  for (const { name, type } of fields) {
    yield [path + name, nameOf(type)]
    yield* typesIn(innerFields(type), `${path}${name}.`)
  }
}

function nameOf(type: arrow.DataType): string {
  if (arrow.DataType.isList(type)) return `list of ${nameOf(type.valueType)}`
  return arrow.DataType.isStruct(type) ? 'struct' : String(type)
}

function innerFields(type: arrow.DataType): readonly arrow.Field[] {
  if (arrow.DataType.isList(type)) return innerFields(type.valueType)
  return arrow.DataType.isStruct(type) ? type.children : []
}

function typeOf(column: Column): arrow.DataType {
  if (column.type === 'struct') return structOf(column)
  // `element` is what Parquet's specification and Spark call a list's child.
  return column.type === 'list' ? new arrow.List(field('element', column.element)) : TYPES[column.type]
}

function structOf(column: StructColumn): arrow.Struct {
  return new arrow.Struct([...column.children].map(([name, child]) => field(name, child)))
}

function field(name: string, column: Column): arrow.Field {
  return new arrow.Field(name, typeOf(column), true)
}

function dataOf(column: Column, type: arrow.DataType, length: number): arrow.Data {
  const nullBitmap = column.validity.subarray(0, (length + 7) >> 3)
  switch (column.type) {
    case 'struct':
      return structData(column, type as arrow.Struct, length)
    case 'list': {
      const child = dataOf(column.element, (type as arrow.List).valueType, column.close(length))
      return arrow.makeData({
        type: type as arrow.List,
        length,
        nullBitmap,
        valueOffsets: offsets(column, length),
        child,
      })
    }
    case 'string':
    case 'bytes': {
      const data = column.bytes.subarray(0, column.close(length))
      return arrow.makeData({
        type: type as arrow.Utf8,
        length,
        nullBitmap,
        valueOffsets: offsets(column, length),
        data,
      })
    }
    case 'boolean':
      return arrow.makeData({ type: type as arrow.Bool, length, nullBitmap, data: column.bits })
    default:
      return fixedData(column, type, length, nullBitmap)
  }
}

function structData(column: StructColumn, type: arrow.Struct, length: number): arrow.Data<arrow.Struct> {
  const children = [...column.children.values()].map((child, i) =>
    dataOf(child, (type.children[i] as arrow.Field).type, length),
  )
  return arrow.makeData({ type, length, nullBitmap: column.validity.subarray(0, (length + 7) >> 3), children })
}

function fixedData(column: FixedColumn, type: arrow.DataType, length: number, nullBitmap: Uint8Array): arrow.Data {
  const data = column.values.subarray(0, length) as Int32Array
  return arrow.makeData({ type: type as arrow.Int32, length, nullBitmap, data })
}

function offsets(column: ListColumn | { offsets: Int32Array }, length: number): Int32Array {
  return column.offsets.subarray(0, length + 1)
}
