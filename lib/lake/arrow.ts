import * as arrow from 'apache-arrow'
import type { Column, StructColumn } from '../alerts/columns.ts'

const TYPES = {
  int: new arrow.Int32(),
  long: new arrow.Int64(),
  float: new arrow.Float32(),
  double: new arrow.Float64(),
  boolean: new arrow.Bool(),
  string: new arrow.Utf8(),
  bytes: new arrow.Binary(),
}

/**
 * Encodes each batch of alerts as an Arrow IPC stream. Collects the many small chunks from apache-arrow's writer in one
 * buffer, which is reused for the next batch.
 */
export class BatchEncoder extends arrow.RecordBatchStreamWriter {
  private bytes = new Uint8Array(1 << 20)
  private length = 0

  /** Returns the first `rows` rows of the columns as an IPC stream. The next call overwrites it. */
  encode(alerts: StructColumn, rows: number): Uint8Array {
    const type = structOf(alerts)
    const data = dataOf(alerts, type, rows) as arrow.Data<arrow.Struct>
    this.length = 0
    this.write(new arrow.RecordBatch(new arrow.Schema(type.children), data))
    this.finish()
    return this.bytes.subarray(0, this.length)
  }

  protected override _write(chunk: ArrayBufferView): this {
    const added = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const length = this.length + added.length
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.bytes.length * 1.25))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    this.bytes.set(added, this.length)
    this.length = length
    return this
  }
}

/** Arrow types by column path, e.g. `candidate.jd`, or `prv_candidates.jd` for a field of a list's records. */
export type ColumnTypes = ReadonlyMap<string, string>

export function columnTypes(columns: StructColumn): ColumnTypes {
  return new Map(typesIn(structOf(columns).children))
}

/** Returns the column types in an Arrow IPC stream. */
export function schemaTypes(ipc: Uint8Array): ColumnTypes {
  return new Map(typesIn(arrow.tableFromIPC(ipc).schema.fields))
}

/** Returns the non-null values of a long column in an Arrow IPC stream. */
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
  // The Parquet specification and Spark call a list's child `element`.
  return column.type === 'list' ? new arrow.List(field('element', column.element)) : TYPES[column.type]
}

function structOf(column: StructColumn): arrow.Struct {
  return new arrow.Struct([...column.children].map(([name, child]) => field(name, child)))
}

function field(name: string, column: Column): arrow.Field {
  return new arrow.Field(name, typeOf(column), true)
}

/** Returns the first `rows` rows of a column as Arrow data, without copying them. */
function dataOf(column: Column, type: arrow.DataType, rows: number): arrow.Data {
  const nullBitmap = column.validity.subarray(0, (rows + 7) >> 3)
  const data = (offsets?: Int32Array, values?: ArrayBufferView, children?: arrow.Data[]) =>
    new arrow.Data(type, 0, rows, -1, [offsets, values, nullBitmap], children)
  const childData = (i: number, child: Column, length: number) =>
    dataOf(child, (type.children[i] as arrow.Field).type, length)
  switch (column.type) {
    case 'struct':
      return data(
        undefined,
        undefined,
        [...column.children.values()].map((child, i) => childData(i, child, rows)),
      )
    case 'list':
      return data(column.offsets.subarray(0, rows + 1), undefined, [childData(0, column.element, column.close(rows))])
    case 'string':
    case 'bytes':
      return data(column.offsets.subarray(0, rows + 1), column.bytes.subarray(0, column.close(rows)))
    case 'boolean':
      return data(undefined, column.bits)
    default:
      return data(undefined, column.values.subarray(0, rows))
  }
}
