import { arrowTypeOf } from '../parquet/column-types.ts'
import type { StructColumn } from '../parquet/columns.ts'

/** A column that the lake's standard schema lacks. */
export interface NewColumn {
  /** For example, `candidate.colour`. */
  readonly path: string
  /** Its Arrow type, e.g. `list of Utf8`. */
  readonly type: string
}

/** The new columns of all nights of a lake. A path belongs to one column, whatever its case. */
export interface ColumnRegistry {
  /** Returns the column that has a path, ignoring case; undefined if it is free. */
  find(path: string): NewColumn | undefined

  /** Registers columns; returns false if another column has one of the paths by now. */
  claim(columns: readonly NewColumn[]): boolean
}

/** A registry in memory. */
export class KnownColumns implements ColumnRegistry {
  /** By path in lower case. */
  private readonly columns = new Map<string, NewColumn>()

  constructor(columns: readonly NewColumn[] = []) {
    for (const column of columns) this.columns.set(column.path.toLowerCase(), column)
  }

  find(path: string): NewColumn | undefined {
    return this.columns.get(path.toLowerCase())
  }

  claim(columns: readonly NewColumn[]): boolean {
    for (const column of columns) if (!this.find(column.path)) this.columns.set(column.path.toLowerCase(), column)
    return columns.every(column => isSame(this.find(column.path), column))
  }
}

/**
 * Names that a new column must not have at any level, in lower case: the partition columns, columns that the views of
 * `make sql` add, and those that DuckDB adds when it reads files.
 */
const RESERVED = [
  ...['year', 'month', 'day', 'night'],
  ...['objectid', 'alert', 'is_limit'],
  ...['filename', 'file_index', 'file_row_number'],
]

/**
 * Returns whether a field can be written to a column of this name: the name is free, in whatever case, or that of a
 * column with the field's type.
 *
 * @param column path that the column has or would have, and type of the field
 * @param parent the struct that has the field
 */
export function isAvailable(
  name: string,
  { path, type }: NewColumn,
  parent: StructColumn,
  registry: ColumnRegistry,
): boolean {
  const existing = parent.children.get(name)
  if (existing) return arrowTypeOf(existing) === type
  if (isReserved(name) || hasName(parent, name)) return false
  const registered = registry.find(path)
  return !registered || isSame(registered, { path, type })
}

/** Whether readers use a name for something else, so that no new column may have it. */
export function isReserved(name: string): boolean {
  return RESERVED.includes(name.toLowerCase())
}

/** Whether a column has a child of this name, ignoring case as Spark and DuckDB do. */
function hasName({ children }: StructColumn, name: string): boolean {
  return [...children.keys()].some(child => child.toLowerCase() === name.toLowerCase())
}

/** Whether a column exists, and has the same path, including its case, and the same type as another. */
export function isSame(one: NewColumn | undefined, other: NewColumn): boolean {
  return one?.path === other.path && one.type === other.type
}
