import type { Column, ColumnType, LeafType, StructColumn } from './columns.ts'

/** Arrow types by column path, e.g. `candidate.jd`, or `prv_candidates.jd` for a field of a list's records. */
export type ColumnTypes = ReadonlyMap<string, string>

const NAMES: Readonly<Record<LeafType | 'struct', string>> = {
  int: 'Int32',
  long: 'Int64',
  float: 'Float32',
  double: 'Float64',
  boolean: 'Bool',
  string: 'Utf8',
  bytes: 'Binary',
  struct: 'struct',
}
const TYPES = new Map(Object.entries(NAMES).map(([type, name]) => [name, type as LeafType | 'struct']))
const LIST = 'list of '

/** Returns the Arrow types of a table's columns. */
export function columnTypes(columns: StructColumn): ColumnTypes {
  return new Map(typesIn(columns))
}

function* typesIn(column: Column, path = ''): Generator<[path: string, type: string]> {
  if (column.type === 'list') yield* typesIn(column.element, path)
  if (column.type !== 'struct') return
  for (const [name, child] of column.children) {
    yield [path + name, arrowTypeOf(child)]
    yield* typesIn(child, `${path}${name}.`)
  }
}

/** Returns the type with which Arrow reads a column, e.g. `list of Utf8`. */
export function arrowTypeOf(column: Column): string {
  return column.type === 'list' ? LIST + arrowTypeOf(column.element) : NAMES[column.type]
}

/** Returns the type with which Arrow reads a column of this type. */
export function toArrowType(type: ColumnType): string {
  return typeof type === 'object' ? LIST + toArrowType(type.list) : NAMES[type]
}

/** Inverse of `toArrowType`; undefined if no column of the lake has this Arrow type. */
export function fromArrowType(arrowType: string): ColumnType | undefined {
  if (!arrowType.startsWith(LIST)) return TYPES.get(arrowType)
  const list = fromArrowType(arrowType.slice(LIST.length))
  return list && { list }
}
