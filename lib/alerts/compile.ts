import { type Column, type ColumnType, createTable, type ListColumn, type StructColumn } from '../parquet/columns.ts'
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

/** Names of the lake's partition columns. An alert's top-level fields must not use them. */
const PARTITION = ['year', 'month', 'day']

/**
 * Compiles a schema against existing columns, and adds a column for each new field.
 *
 * A field whose type differs from the existing column's type gets a second column, e.g. `magpsf_double`, so that no
 * value is narrowed or dropped. No ZTF field needs one so far.
 *
 * @throws CorruptPacketError if the schema is invalid, is not a record, needs more than `maxNewColumns` new columns, or
 *   has clashing field names; no columns are then added
 */
export function compile(schemaText: string, column: StructColumn, maxNewColumns: number): CompiledSchema {
  const { shape, version } = parseSchema(schemaText)
  if (shape.kind !== 'record')
    throw new CorruptPacketError(`a schema describes a ${shape.kind}, not the record of an alert`)
  const compiler = new Compiler(maxNewColumns)
  try {
    const step = compiler.step(shape, column, '')
    return { step, version, added: compiler.added.map(({ path }) => path), addedColumns: compiler.addedColumns }
  } catch (error) {
    for (const { parent, name } of compiler.added) parent.children.delete(name)
    throw error
  }
}

class Compiler {
  readonly added: { parent: StructColumn; name: string; path: string }[] = []
  addedColumns = 0
  private readonly maxNewColumns: number

  constructor(maxNewColumns: number) {
    this.maxNewColumns = maxNewColumns
  }

  step(nullableShape: Shape, column: Column, path: string): Step {
    const { shape, nullByte, valueByte } = nullable(nullableShape)
    const children = this.children(shape, column, path)
    return { kind: kindOf(shape), nullByte, valueByte, column, children, shape }
  }

  private children(shape: Shape, column: Column, path: string): Step[] {
    if (shape.kind === 'array') return [this.step(shape.of, (column as ListColumn).element, path)]
    if (shape.kind !== 'record') return []
    const parent = column as StructColumn
    const used = new Set<Column>()
    const steps = shape.fields.map(field => {
      const name = columnName(field.name, field.shape, parent)
      const fieldPath = path ? `${path}.${name}` : name
      const child = this.childColumn(name, field.shape, parent, fieldPath)
      if (used.has(child) || !fits(child, field.shape))
        throw new CorruptPacketError(`its field ${fieldPath} has no column of its own`)
      used.add(child)
      return this.step(field.shape, child, fieldPath)
    })
    const absent = [...parent.children.values()].filter(child => !used.has(child) && isGroup(child))
    return [...steps, ...absent.map(absentStep)]
  }

  private childColumn(name: string, shape: Shape, parent: StructColumn, path: string): Column {
    const existing = parent.children.get(name)
    if (existing) return existing
    const type = newColumnType(shape)
    this.addedColumns += depthOf(type)
    if (this.addedColumns > this.maxNewColumns)
      throw new CorruptPacketError(`its field ${path} exceeds the number of new columns allowed for a night`)
    assertDistinctName(name, parent, path)
    const column = parent.add(name, type)
    this.added.push({ parent, name, path })
    return column
  }
}

/** Throws if another column has the same name, ignoring case as Spark and DuckDB do. */
function assertDistinctName(name: string, { children }: StructColumn, path: string): void {
  const names = [...children.keys(), ...(name === path ? PARTITION : [])]
  const clash = names.find(other => other.toLowerCase() === name.toLowerCase())
  if (clash) throw new CorruptPacketError(`the name of its field ${path} clashes with column ${clash}`)
}

function columnName(name: string, shape: Shape, { children }: StructColumn): string {
  const column = children.get(name)
  return !column || fits(column, shape) ? name : `${name}_${nullable(shape).shape.kind}`
}

function fits(column: Column, nullableShape: Shape): boolean {
  const { shape } = nullable(nullableShape)
  if (column.type !== columnType(shape)) return false
  return column.type !== 'list' || shape.kind !== 'array' || fits(column.element, shape.of)
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
