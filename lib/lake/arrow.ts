import * as arrow from 'apache-arrow'
import type { ColumnTypes } from '../parquet/column-types.ts'

/** Returns the column types in an Arrow IPC stream. */
export function schemaTypes(ipc: Uint8Array): ColumnTypes {
  return new Map(typesIn(arrow.tableFromIPC(ipc).schema.fields))
}

/** Returns the non-null values of a long column in an Arrow IPC stream. */
export function readLongs(ipc: Uint8Array, name: string): BigInt64Array {
  const column = arrow.tableFromIPC(ipc).getChild(name)
  return BigInt64Array.from([...(column ?? [])].filter(value => value !== null))
}

/** Returns the non-null values of an int column in an Arrow IPC stream. */
export function readInts(ipc: Uint8Array, name: string): Int32Array {
  const column = arrow.tableFromIPC(ipc).getChild(name)
  return Int32Array.from([...(column ?? [])].filter(value => value !== null))
}

/** Returns the number of elements of each row of a list column in an Arrow IPC stream; 0 if the list is null. */
export function listLengths(ipc: Uint8Array, name: string): number[] {
  const column = arrow.tableFromIPC(ipc).getChild(name)
  return (column?.data ?? []).flatMap(({ length, valueOffsets }) =>
    Array.from({ length }, (_, i) => Number(valueOffsets[i + 1]) - Number(valueOffsets[i])),
  )
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
