import { type Column, ListColumn, StructColumn, scalarColumn } from './columns.ts'
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

type Kind = 'null' | 'int' | 'long' | 'float' | 'double' | 'boolean' | 'string' | 'bytes' | 'struct' | 'list' | 'rare'

/** Hears of each column that the lake's schema does not have, by its path, e.g. `candidate.newfield`. */
export type Announce = (path: string) => void

/**
 * Compiles a record's shape against the columns that are there.
 *
 * A field without a column gets one. So does a field whose type is not its column's (none has changed so far): under
 * its name and its new type, e.g. `magpsf_double`, since a raw lake neither narrows a value nor drops it.
 */
export function compile(shape: Shape, column: StructColumn, announce: Announce, path = ''): Step {
  if (shape.kind !== 'record') throw new Error(`a schema describes a ${shape.kind}, not the record of an alert`)
  return step(shape, column, announce, path)
}

function step(shape: Shape, column: Column, announce: Announce, path: string): Step {
  const { value, nullByte, valueByte } = nullable(shape)
  return {
    kind: kindOf(value),
    nullByte,
    valueByte,
    column,
    inner: innerSteps(value, column, announce, path),
    shape: value,
  }
}

function innerSteps(shape: Shape, column: Column, announce: Announce, path: string): Step[] {
  if (shape.kind === 'array') return [step(shape.of, (column as ListColumn).element, announce, path)]
  if (shape.kind !== 'record') return []
  return shape.fields.map(field => {
    const name = columnName(field.name, field.shape, column as StructColumn)
    const inner = path ? `${path}.${name}` : name
    return step(field.shape, childColumn(name, field.shape, column as StructColumn, announce, inner), announce, inner)
  })
}

function columnName(name: string, shape: Shape, { children }: StructColumn): string {
  const column = children.get(name)
  return !column || fits(column, shape) ? name : `${name}_${nullable(shape).value.kind}`
}

function childColumn(name: string, shape: Shape, parent: StructColumn, announce: Announce, path: string): Column {
  const known = parent.children.get(name)
  if (known) return known
  announce(path)
  const column = columnFor(shape)
  parent.add(name, column)
  return column
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
