import { type Column, ListColumn, StructColumn, scalarColumn } from './columns.ts'
import { type FieldType, RECORDS, type RecordName } from './fields.ts'

/** The columns of the lake, empty: one row an alert, every field of every schema version so far. */
export function alertColumns(): StructColumn {
  return struct('alert')
}

function struct(record: RecordName): StructColumn {
  const column = new StructColumn()
  for (const field of RECORDS[record]) column.add(field.name, columnOf(field.type))
  return column
}

function columnOf(type: FieldType): Column {
  if (typeof type === 'object') return 'record' in type ? struct(type.record) : new ListColumn(struct(type.array))
  return scalarColumn(type)
}
