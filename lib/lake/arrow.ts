import * as arrow from 'apache-arrow'
import type { ColumnTypes } from './column-types.ts'

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
