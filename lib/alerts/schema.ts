import avro from 'avsc'
import { LIMITS } from '../limits.ts'
import { CorruptPacketError } from './corrupt-packet.ts'

/** An Avro schema as a plain tree, with all references resolved. avsc does the parsing and checking. */
export type Shape =
  | { readonly kind: Primitive }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly { name: string; shape: Shape }[] }
  | { readonly kind: 'array' | 'map'; readonly of: Shape }
  | { readonly kind: 'union'; readonly branches: readonly Shape[] }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'fixed'; readonly size: number }

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes'] as const
type Primitive = (typeof PRIMITIVES)[number]

export interface Schema {
  readonly shape: Shape
  /** The schema's `version` attribute, e.g. `3.3`; `unknown` if it is not a version number. */
  readonly version: string
}

/**
 * Attributes that define the encoding; only these are passed to avsc. Logical types are dropped, because the lake
 * stores values as written. Defaults are dropped, because avsc rejects some null defaults in schemas up to 2020-04.
 */
const ATTRIBUTES = new Set(['type', 'name', 'namespace', 'fields', 'items', 'values', 'symbols', 'size'])
const MAX_REASON_LENGTH = 120

/**
 * Parses the schema text of a packet header.
 * @throws CorruptPacketError if the text is not an Avro schema, or the schema is recursive or exceeds the limits
 */
export function parseSchema(text: string): Schema {
  try {
    const json: unknown = JSON.parse(text)
    // The registry has no prototype, because avsc would otherwise find a type called `constructor` in it.
    const type = avro.Type.forSchema(encodingOf(json) as avro.Schema, {
      wrapUnions: true,
      registry: Object.create(null),
    })
    return { shape: new ShapeBuilder().build(type), version: versionOf(json as object) }
  } catch (error) {
    throw new CorruptPacketError(`its schema cannot be read (${reasonOf(error as Error)})`, { cause: error })
  }
}

/** Shortens error messages, which may quote the whole schema. Replaces TypeErrors, which expose avsc's internals. */
function reasonOf(error: Error): string {
  if (error instanceof TypeError) return 'it is not an Avro schema'
  return error.message.replace(/\s+/g, ' ').slice(0, MAX_REASON_LENGTH)
}

/** Returns a copy of the schema with only the attributes in `ATTRIBUTES`, at every level. */
function encodingOf(json: unknown, depth = 0): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (depth === LIMITS.bracketDepth) throw new CorruptPacketError(`it nests more than ${depth} brackets deep`)
  if (Array.isArray(json)) return json.map(inner => encodingOf(inner, depth + 1))
  const kept = Object.entries(json).filter(([attribute]) => ATTRIBUTES.has(attribute))
  return Object.fromEntries(kept.map(([attribute, inner]) => [attribute, encodingOf(inner, depth + 1)]))
}

function versionOf({ version }: { version?: unknown }): string {
  return /^\d{1,4}(\.\d{1,4}){1,2}$/.test(String(version)) ? String(version) : 'unknown'
}

/** Converts avsc's types to shapes. Their number is limited, because references can make it grow exponentially. */
class ShapeBuilder {
  private count = 0

  build(type: avro.Type, parents: readonly avro.Type[] = []): Shape {
    if (parents.includes(type)) throw new CorruptPacketError(`the record ${type.name} contains itself`)
    if (parents.length === LIMITS.typeDepth)
      throw new CorruptPacketError(`its types nest more than ${LIMITS.typeDepth} deep`)
    if (this.count++ === LIMITS.schemaTypes)
      throw new CorruptPacketError(`it has more than ${LIMITS.schemaTypes} types`)
    const inner = (child: avro.Type) => this.build(child, [...parents, type])
    const { ArrayType, EnumType, FixedType, MapType, RecordType, WrappedUnionType } = avro.types
    if (type instanceof RecordType)
      return {
        kind: 'record',
        name: type.name ?? '',
        fields: fieldsOf(type).map(({ name, type }) => ({ name, shape: inner(type) })),
      }
    if (type instanceof ArrayType) return { kind: 'array', of: inner(type.itemsType) }
    if (type instanceof MapType) return { kind: 'map', of: inner(type.valuesType) }
    if (type instanceof WrappedUnionType) return { kind: 'union', branches: type.types.map(inner) }
    if (type instanceof EnumType) return { kind: 'enum', symbols: symbolsOf(type) }
    if (type instanceof FixedType) return { kind: 'fixed', size: type.size }
    // Check the type again, because avsc accepts some invalid types, such as `{"type": "constructor"}`.
    const kind = avro.Type.isType(type) && PRIMITIVES.find(name => name === type.typeName)
    if (!kind) throw new CorruptPacketError('it has a type that Avro does not define')
    return { kind }
  }
}

function fieldsOf(record: avro.types.RecordType): readonly avro.types.Field[] {
  // Parquet cannot store a record without fields.
  if (record.fields.length === 0) throw new CorruptPacketError(`the record ${record.name} has no field`)
  for (const { name } of record.fields) {
    // avsc loses the value of a field with this name.
    if (name === '__proto__') throw new CorruptPacketError('it has a field named __proto__')
    if (name.length > LIMITS.nameLength)
      throw new CorruptPacketError(`it has a field name of ${name.length} characters`)
  }
  return record.fields
}

function symbolsOf({ symbols }: avro.types.EnumType): readonly string[] {
  // avsc accepts symbols of any type.
  if (symbols.some(symbol => typeof symbol !== 'string'))
    throw new CorruptPacketError('it has an enum symbol that is not a string')
  // A byte in a packet may stand for a symbol, which is stored in full.
  const long = symbols.find(symbol => symbol.length > LIMITS.nameLength)
  if (long) throw new CorruptPacketError(`it has an enum symbol of ${long.length} characters`)
  return symbols
}
