import * as arrow from 'apache-arrow'
import type { Column, FixedColumn, ListColumn, StructColumn } from '../alerts/columns.ts'

const TYPES = {
  int: new arrow.Int32(),
  long: new arrow.Int64(),
  float: new arrow.Float32(),
  double: new arrow.Float64(),
  boolean: new arrow.Bool(),
  string: new arrow.Utf8(),
  bytes: new arrow.Binary(),
}

/** Encodes batches of alerts as Arrow IPC streams of one batch each, in a buffer that each batch overwrites. */
export class BatchEncoder {
  private readonly buffer = new StreamBuffer()

  /** Returns the first `rows` rows of the columns as an IPC stream; the next call overwrites it. */
  encode(alerts: StructColumn, rows: number): Uint8Array {
    const type = structOf(alerts)
    const batch = new arrow.RecordBatch(new arrow.Schema(type.children), structData(alerts, type, rows))
    return this.buffer.encode(batch)
  }
}

/** Collects the hundreds of small chunks of apache-arrow's writer in one buffer. */
class StreamBuffer extends arrow.RecordBatchStreamWriter {
  private bytes = new Uint8Array(1 << 20)
  private length = 0

  encode(batch: arrow.RecordBatch): Uint8Array {
    this.length = 0
    this.write(batch)
    this.finish()
    return this.bytes.subarray(0, this.length)
  }

  protected override _write(chunk: ArrayBufferView): this {
    const added = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (this.length + added.length > this.bytes.length) this.grow(this.length + added.length)
    this.bytes.set(added, this.length)
    this.length += added.length
    return this
  }

  private grow(length: number): void {
    const bytes = new Uint8Array(Math.max(length, this.bytes.length * 1.25))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }
}

/** Arrow type of each column by path, e.g. `candidate.jd`, or `prv_candidates.jd` for a field of a list's records. */
export type ColumnTypes = ReadonlyMap<string, string>

export function columnTypes(columns: StructColumn): ColumnTypes {
  return new Map(typesIn(structOf(columns).children))
}

/** Column types of a schema in an Arrow IPC stream. */
export function schemaTypes(ipc: Uint8Array): ColumnTypes {
  return new Map(typesIn(arrow.tableFromIPC(ipc).schema.fields))
}

/** Values of a column of longs in an Arrow IPC stream, without its nulls. */
export function readLongs(ipc: Uint8Array, name: string): BigInt64Array {
  const column = arrow.tableFromIPC(ipc).getChild(name)
  return BigInt64Array.from([...(column ?? [])].filter(value => value !== null))
}

function* typesIn(fields: readonly arrow.Field[], path = ''): Generator<[path: string, type: string]> {
  for (const { name, type } of fields) {
    yield [path + name, typeName(type)]
    yield* typesIn(innerFields(type), `${path}${name}.`)
  }
}

function typeName(type: arrow.DataType): string {
  if (arrow.DataType.isList(type)) return `list of ${typeName(type.valueType)}`
  return arrow.DataType.isStruct(type) ? 'struct' : String(type)
}

function innerFields(type: arrow.DataType): readonly arrow.Field[] {
  if (arrow.DataType.isList(type)) return innerFields(type.valueType)
  return arrow.DataType.isStruct(type) ? type.children : []
}

function typeOf(column: Column): arrow.DataType {
  if (column.type === 'struct') return structOf(column)
  // `element` is the name of a list's child in Parquet's specification, and the one that Spark expects.
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
