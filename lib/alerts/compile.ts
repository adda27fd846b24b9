import { toArrowType } from '../parquet/column-types.ts'
import { type Column, type ColumnType, createTable, type ListColumn, type StructColumn } from '../parquet/columns.ts'
import { type ColumnRegistry, isAvailable, type NewColumn } from './column-names.ts'
import { CorruptPacketError } from './corrupt-packet.ts'
import { RECORDS, type RecordName } from './fields.ts'
import { parseSchema, type Shape } from './schema.ts'

/**
 * Node of a compiled schema, with the type of a value and the column to which it is written.
 * The decoder walks the tree of these nodes for every alert.
 */
export interface Step {
  /** `absent` is a struct or list that the schema lacks; `rare` is a type that no ZTF schema uses so far. */
  readonly kind: Column['type'] | 'null' | 'rare' | 'absent'
  /** Bytes that encode the null branch and the value branch of a nullable union; -1 if not nullable. */
  readonly nullByte: number
  readonly valueByte: number
  readonly column: Column
  /** Steps for a struct's fields, or the single step for a list's elements. */
  readonly children: readonly Step[]
  readonly shape: Shape
}

export interface CompiledSchema {
  readonly step: Step
  readonly version: string
  /**
   * Paths of the columns that the schema added, e.g. `candidate.newfield`. If there are any, schemas compiled earlier
   * must be compiled again.
   */
  readonly added: readonly string[]
  /** Number of added columns. A list counts as one, and its elements as another. */
  readonly addedColumns: number
}

/**
 * Compiles a schema against existing columns, and adds a column for each new field.
 *
 * A new column has the name of its field, unless a column of another type, or of another case, has that name in any
 * night of the lake, or readers use it for something else. It then has the field's type appended, e.g. `magpsf_double`,
 * as often as needed. So no value is narrowed or dropped, and readers find one type per column in all files.
 *
 * @param registry the new columns of all nights
 * @throws CorruptPacketError if the schema is invalid, is not a record, needs more than `maxNewColumns` new columns, or
 *   two of its fields need the same column; no columns are then added
 */
export function compile(
  schemaText: string,
  table: StructColumn,
  maxNewColumns: number,
  registry: ColumnRegistry,
): CompiledSchema {
  const { shape, version } = parseSchema(schemaText)
  if (shape.kind !== 'record')
    throw new CorruptPacketError(`a schema describes a ${shape.kind}, not the record of an alert`)
  for (;;) {
    const compiler = new Compiler(maxNewColumns, registry)
    try {
      const step = compiler.step(shape, table, '')
      // If another night claims one of the columns at the same moment, the names have to be chosen again.
      if (registry.claim(compiler.added)) {
        const { added, addedColumns } = compiler
        return { step, version, added: added.map(({ path }) => path), addedColumns }
      }
    } catch (error) {
      compiler.undo()
      throw error
    }
    compiler.undo()
  }
}

class Compiler {
  readonly added: (NewColumn & { parent: StructColumn; name: string })[] = []
  addedColumns = 0
  private readonly maxNewColumns: number
  private readonly registry: ColumnRegistry

  constructor(maxNewColumns: number, registry: ColumnRegistry) {
    this.maxNewColumns = maxNewColumns
    this.registry = registry
  }

  step(nullableShape: Shape, column: Column, path: string): Step {
    const { shape, nullByte, valueByte } = nullable(nullableShape)
    const children = this.children(shape, column, path)
    return { kind: kindOf(shape), nullByte, valueByte, column, children, shape }
  }

  /** Removes the added columns from the table. */
  undo(): void {
    for (const { parent, name } of this.added) parent.children.delete(name)
  }

  private children(shape: Shape, column: Column, path: string): Step[] {
    if (shape.kind === 'array') return [this.step(shape.of, (column as ListColumn).element, path)]
    if (shape.kind !== 'record') return []
    const parent = column as StructColumn
    const prefix = path && `${path}.`
    const used = new Set<Column>()
    const steps = shape.fields.map(field => {
      const name = this.columnName(field.name, field.shape, parent, prefix)
      const child = parent.children.get(name) ?? this.add(name, field.shape, parent, prefix + name)
      if (used.has(child)) throw new CorruptPacketError(`its field ${prefix + name} has no column of its own`)
      used.add(child)
      return this.step(field.shape, child, prefix + name)
    })
    const absent = [...parent.children.values()].filter(child => !used.has(child) && isGroup(child))
    return [...steps, ...absent.map(absentStep)]
  }

  private columnName(field: string, shape: Shape, parent: StructColumn, prefix: string): string {
    const type = toArrowType(newColumnType(shape))
    let name = field
    while (!isAvailable(name, { path: prefix + name, type }, parent, this.registry))
      name += `_${nullable(shape).shape.kind}`
    return name
  }

  private add(name: string, shape: Shape, parent: StructColumn, path: string): Column {
    const type = newColumnType(shape)
    this.addedColumns += depthOf(type)
    if (this.addedColumns > this.maxNewColumns)
      throw new CorruptPacketError(`its field ${path} exceeds the number of new columns allowed for a night`)
    const column = parent.add(name, type)
    this.added.push({ parent, name, path, type: toArrowType(type) })
    return column
  }
}

/** Leaves are null unless they are set, but structs and lists are not. */
function isGroup({ type }: Column): boolean {
  return type === 'struct' || type === 'list'
}

function absentStep(column: Column): Step {
  return { kind: 'absent', nullByte: -1, valueByte: -1, column, children: [], shape: { kind: 'null' } }
}

function depthOf(type: ColumnType): number {
  return typeof type === 'object' ? 1 + depthOf(type.list) : 1
}

function newColumnType(nullableShape: Shape): ColumnType {
  const { shape } = nullable(nullableShape)
  if (shape.kind === 'array') return { list: newColumnType(shape.of) }
  return columnType(shape) as Exclude<Column['type'], 'list'>
}

/** Enums are stored as strings (their symbols). Maps and unions of several types are stored as raw Avro bytes. */
function columnType({ kind }: Shape): Column['type'] {
  if (kind === 'record') return 'struct'
  if (kind === 'array') return 'list'
  if (kind === 'enum') return 'string'
  return kind === 'fixed' || kind === 'map' || kind === 'union' || kind === 'null' ? 'bytes' : kind
}

function kindOf(shape: Shape): Step['kind'] {
  if (shape.kind === 'null') return 'null'
  const type = columnType(shape)
  return type === shape.kind || type === 'struct' || type === 'list' ? type : 'rare'
}

/** Unwraps a nullable union. Its branch index is a zigzag integer, so branch 1 is encoded as byte 2. */
function nullable(shape: Shape): { shape: Shape; nullByte: number; valueByte: number } {
  if (shape.kind === 'union' && shape.branches.length === 2) {
    const [first, second] = shape.branches as [Shape, Shape]
    if (first.kind === 'null') return { shape: second, nullByte: 0, valueByte: 2 }
    if (second.kind === 'null') return { shape: first, nullByte: 2, valueByte: 0 }
  }
  return { shape, nullByte: -1, valueByte: -1 }
}

/** Creates empty columns for all fields of the known schema versions. */
export function alertColumns(): StructColumn {
  const table = createTable()
  addFields(table, 'alert')
  return table
}

function addFields(column: StructColumn, record: RecordName): void {
  for (const { name, type } of RECORDS[record]) {
    if (typeof type !== 'object') column.add(name, type)
    else if ('record' in type) addFields(column.add(name, 'struct') as StructColumn, type.record)
    else addFields((column.add(name, { list: 'struct' }) as ListColumn).element as StructColumn, type.array)
  }
}
