import { type Column, ListColumn, StructColumn, scalarColumn } from './columns.ts'
import { CorruptPacketError } from './damage.ts'
import { type FieldType, RECORDS, type RecordName } from './fields.ts'
import type { Shape } from './schema.ts'

/**
 * One step of a compiled schema: what comes next in the bytes, and which column takes it.
 * A schema is compiled once into a tree of these; the decoder walks it and makes no object for an alert.
 */
export interface Step {
  readonly kind: Kind
  /** The bytes that stand for null and for a value, where the field is a union of the two; else -1. */
  readonly nullByte: number
  readonly valueByte: number
  readonly column: Column
  /** The steps of a struct's fields, or the one step of a list's elements. */
  readonly inner: readonly Step[]
  readonly shape: Shape
}

const PARTITION = ['year', 'month', 'day']

type Kind = 'null' | 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string' | 'bytes' | 'struct' | 'list' | 'rare'

/** A compiled schema, and the columns that it brought, by path, e.g. `candidate.newfield`. */
export interface Compiled {
  readonly step: Step
  readonly added: readonly string[]
}

/**
 * Compiles a record's shape against the columns that are there.
 *
 * A field without a column gets one. So does a field whose type is not its column's (none has changed so far): under
 * its name and its new type, e.g. `magpsf_double`, since a raw lake neither narrows a value nor drops it.
 *
 * @param room how many columns may be added
 * @throws Damage where the shape is not an alert's, or its columns cannot be told apart; none has then been added
 */
export function compile(shape: Shape, column: StructColumn, room: number): Compiled {
  if (shape.kind !== 'record')
    throw new CorruptPacketError(`a schema describes a ${shape.kind}, not the record of an alert`)
  const compiler = new Compiler(room)
  try {
    return { step: compiler.step(shape, column, ''), added: compiler.added.map(({ path }) => path) }
  } catch (error) {
    for (const { parent, name } of compiler.added) parent.children.delete(name)
    throw error
  }
}

class Compiler {
  readonly added: { parent: StructColumn; name: string; path: string }[] = []
  private readonly room: number

  constructor(room: number) {
    this.room = room
  }

  step(shape: Shape, column: Column, path: string): Step {
    const { value, nullByte, valueByte } = nullable(shape)
    return { kind: kindOf(value), nullByte, valueByte, column, inner: this.inner(value, column, path), shape: value }
  }

  private inner(shape: Shape, column: Column, path: string): Step[] {
    if (shape.kind === 'array') return [this.step(shape.of, (column as ListColumn).element, path)]
    if (shape.kind !== 'record') return []
    const taken = new Set<Column>()
    return shape.fields.map(field => {
      const name = columnName(field.name, field.shape, column as StructColumn)
      const inner = path ? `${path}.${name}` : name
      const child = this.child(name, field.shape, column as StructColumn, inner)
      if (taken.has(child) || !fits(child, field.shape))
        throw new CorruptPacketError(`its field ${inner} has no column of its own`)
      taken.add(child)
      return this.step(field.shape, child, inner)
    })
  }

  private child(name: string, shape: Shape, parent: StructColumn, path: string): Column {
    const known = parent.children.get(name)
    if (known) return known
    if (this.added.length >= this.room)
      throw new CorruptPacketError(`its field ${path} is one column too many for a night`)
    refuseTaken(name, parent, path)
    const column = columnFor(shape)
    parent.add(name, column)
    this.added.push({ parent, name, path })
    return column
  }
}

/** Spark and DuckDB take names for the same that differ by case alone, and have the partition's beside an alert's. */
function refuseTaken(name: string, { children }: StructColumn, path: string): void {
  const names = [...children.keys(), ...(name === path ? PARTITION : [])]
  const same = names.find(other => other.toLowerCase() === name.toLowerCase())
  if (same) throw new CorruptPacketError(`its field ${path} is called as the column ${same} is`)
}

function columnName(name: string, shape: Shape, { children }: StructColumn): string {
  const column = children.get(name)
  return !column || fits(column, shape) ? name : `${name}_${nullable(shape).value.kind}`
}

function fits(column: Column, shape: Shape): boolean {
  const { value } = nullable(shape)
  if (column.type !== columnType(value)) return false
  return column.type !== 'list' || value.kind !== 'array' || fits(column.element, value.of)
}

function columnFor(shape: Shape): Column {
  const { value } = nullable(shape)
  const type = columnType(value)
  if (type === 'struct') return new StructColumn()
  if (type === 'list') return new ListColumn(columnFor((value as { of: Shape }).of))
  return scalarColumn(type)
}

/** Enums are kept by their symbols; maps, and unions of several types, as the bytes that Avro wrote. */
function columnType({ kind }: Shape): Column['type'] {
  if (kind === 'record') return 'struct'
  if (kind === 'array') return 'list'
  if (kind === 'enum') return 'string'
  return kind === 'fixed' || kind === 'map' || kind === 'union' || kind === 'null' ? 'bytes' : kind
}

function kindOf(shape: Shape): Kind {
  if (shape.kind === 'null') return 'null'
  const type = columnType(shape)
  return type === shape.kind || type === 'struct' || type === 'list' ? type : 'rare'
}

/** Avro writes a union's branch as a zigzag number before the value: 0 is the byte 0, 1 the byte 2. */
function nullable(shape: Shape): { value: Shape; nullByte: number; valueByte: number } {
  if (shape.kind === 'union' && shape.branches.length === 2) {
    const [first, second] = shape.branches as [Shape, Shape]
    if (first.kind === 'null') return { value: second, nullByte: 0, valueByte: 2 }
    if (second.kind === 'null') return { value: first, nullByte: 2, valueByte: 0 }
  }
  return { value: shape, nullByte: -1, valueByte: -1 }
}

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
