import type { Column, StructColumn } from '../parquet/columns.ts'

/** Arrow types by column path, e.g. `candidate.jd`, or `prv_candidates.jd` for a field of a list's records. */
export type ColumnTypes = ReadonlyMap<string, string>

const NAMES = {
  int: 'Int32',
  long: 'Int64',
  float: 'Float32',
  double: 'Float64',
  boolean: 'Bool',
  string: 'Utf8',
  bytes: 'Binary',
  struct: 'struct',
}

/** Returns the types with which Arrow reads columns from a Parquet file. */
export function columnTypes(columns: StructColumn): ColumnTypes {
  return new Map(typesIn(columns))
}

function* typesIn(column: Column, path = ''): Generator<[path: string, type: string]> {
  if (column.type === 'list') yield* typesIn(column.element, path)
  if (column.type !== 'struct') return
  for (const [name, child] of column.children) {
    yield [path + name, typeName(child)]
    yield* typesIn(child, `${path}${name}.`)
  }
}

function typeName(column: Column): string {
  return column.type === 'list' ? `list of ${typeName(column.element)}` : NAMES[column.type]
}
