import avro from 'avsc'
import { LIMITS } from '../limits.ts'
import { CorruptPacketError } from './damage.ts'

/**
 * A writer's schema as a plain tree: what the decoder is compiled from.
 * avsc parses and checks the text (names, references, unions); nothing else of the project imports it.
 */
export type Shape =
  | { readonly kind: Primitive }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly ShapeField[] }
  | { readonly kind: 'array' | 'map'; readonly of: Shape }
  | { readonly kind: 'union'; readonly branches: readonly Shape[] }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'fixed'; readonly size: number }

export type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes'

export interface ShapeField {
  readonly name: string
  readonly shape: Shape
}

export interface Schema {
  readonly shape: Shape
  /** The header's `version` attribute, e.g. `3.3`; `unknown` where it is no such number. */
  readonly version: string
}

/** What avsc is given of a schema: all that says how bytes lie, and nothing that it would only quote or obey. */
const ATTRIBUTES = new Set(['type', 'name', 'namespace', 'fields', 'items', 'values', 'symbols', 'size'])
const PRIMITIVES = new Set<string>(['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'])
const LONGEST_REASON = 120

/**
 * Reads the schema text of an alert's header.
 *
 * Of real texts each `default` stays behind, since writers until 2020-04 gave `null` as the default of unions that do
 * not begin with null, which avsc rejects and no reader of their own data needs; and each `logicalType`, since the lake
 * keeps values as they were written.
 *
 * @throws Damage where the text is not an Avro schema, or one that contains itself or more than any alert has.
 */
export function parseSchema(text: string): Schema {
  try {
    const json: unknown = JSON.parse(text)
    // avsc looks names up in the registry: a plain object would answer to `constructor`.
    const type = avro.Type.forSchema(bare(json) as avro.Schema, { wrapUnions: true, registry: Object.create(null) })
    return { shape: new Shapes().of(type), version: versionOf(json as object) }
  } catch (error) {
    throw new CorruptPacketError(`its schema cannot be read (${reasonOf(error as Error)})`, { cause: error })
  }
}

/** JSON.parse and avsc may quote the whole text, and avsc looks for attributes where there is none. */
function reasonOf(error: Error): string {
  if (error instanceof TypeError) return 'it is not one of Avro'
  return error.message.replace(/\s+/g, ' ').slice(0, LONGEST_REASON)
}

function bare(json: unknown, around = 0): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (around === LIMITS.brackets) throw new CorruptPacketError(`it nests more than ${around} brackets deep`)
  if (Array.isArray(json)) return json.map(inner => bare(inner, around + 1))
  const kept = Object.entries(json).filter(([attribute]) => ATTRIBUTES.has(attribute))
  return Object.fromEntries(kept.map(([attribute, inner]) => [attribute, bare(inner, around + 1)]))
}

function versionOf({ version }: { version?: unknown }): string {
  return /^\d{1,4}(\.\d{1,4}){1,2}$/.test(String(version)) ? String(version) : 'unknown'
}

/** Makes shapes of avsc's types. Records that refer to one another can stand for more than any memory holds. */
class Shapes {
  private made = 0

  of(type: avro.Type, around: readonly avro.Type[] = []): Shape {
    if (around.includes(type)) throw new CorruptPacketError(`the record ${type.name} contains itself`)
    if (around.length === LIMITS.types) throw new CorruptPacketError(`its types nest more than ${LIMITS.types} deep`)
    if (this.made++ === LIMITS.shapes) throw new CorruptPacketError(`it has more than ${LIMITS.shapes} types`)
    const inner = (of: avro.Type) => this.of(of, [...around, type])
    const { ArrayType, EnumType, FixedType, MapType, RecordType, WrappedUnionType } = avro.types
    if (type instanceof RecordType) return { kind: 'record', name: type.name ?? '', fields: fieldsOf(type, inner) }
    if (type instanceof ArrayType) return { kind: 'array', of: inner(type.itemsType) }
    if (type instanceof MapType) return { kind: 'map', of: inner(type.valuesType) }
    if (type instanceof WrappedUnionType) return { kind: 'union', branches: type.types.map(inner) }
    if (type instanceof EnumType) return { kind: 'enum', symbols: type.symbols.map(String) }
    if (type instanceof FixedType) return { kind: 'fixed', size: type.size }
    return { kind: primitive(type) }
  }
}

/** avsc takes some words that are no types, such as `constructor`, for one. */
function primitive(type: avro.Type): Primitive {
  if (!avro.Type.isType(type) || !PRIMITIVES.has(type.typeName))
    throw new CorruptPacketError('it has a type that is none of Avro')
  return type.typeName as Primitive
}

function fieldsOf(record: avro.types.RecordType, inner: (of: avro.Type) => Shape): ShapeField[] {
  // Parquet has no record without fields.
  if (record.fields.length === 0) throw new CorruptPacketError(`the record ${record.name} has no field`)
  return record.fields.map(({ name, type }) => {
    // Not even avsc reads a value of that name.
    if (name === '__proto__') throw new CorruptPacketError('a field is called __proto__')
    if (name.length > LIMITS.name) throw new CorruptPacketError(`a field's name has ${name.length} letters`)
    return { name, shape: inner(type) }
  })
}
