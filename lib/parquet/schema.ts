import type { Column, LeafType, StructColumn } from './columns.ts'
import type { ThriftStruct } from './thrift.ts'

/** Numbers of the specification: Type, FieldRepetitionType and ConvertedType. */
export const TYPES: Readonly<Record<LeafType, number>> = {
  boolean: 0,
  int: 1,
  long: 2,
  float: 4,
  double: 5,
  string: 6,
  bytes: 6,
}
const OPTIONAL = 1
const REPEATED = 2
const UTF8 = 0
const LIST = 3

/**
 * Returns a table's schema as SchemaElements: the table, then each column before its children.
 *
 * SchemaElement has type (1), repetition_type (3), name (4), num_children (5), converted_type (6) and logicalType (10),
 * in which field 1 is STRING and field 3 is LIST.
 */
export function schemaElements(table: StructColumn): ThriftStruct[] {
  return [{ field_4: 'schema', field_5: table.children.size }, ...childElements(table)]
}

function childElements({ children }: StructColumn): ThriftStruct[] {
  return [...children].flatMap(([name, column]) => columnElements(name, column))
}

function columnElements(name: string, column: Column): ThriftStruct[] {
  const element = { field_3: OPTIONAL, field_4: name }
  if (column.type === 'struct') return [{ ...element, field_5: column.children.size }, ...childElements(column)]
  if (column.type === 'list')
    return [
      { ...element, field_5: 1, field_6: LIST, field_10: { field_3: {} } },
      { field_3: REPEATED, field_4: 'list', field_5: 1 },
      ...columnElements('element', column.element),
    ]
  const string = column.type === 'string' ? { field_6: UTF8, field_10: { field_1: {} } } : {}
  return [{ field_1: TYPES[column.type], ...element, ...string }]
}

/** Whether a SchemaElement is a leaf: only leaves have a type. */
export function isLeaf({ field_1 }: ThriftStruct): boolean {
  return field_1 !== undefined
}
