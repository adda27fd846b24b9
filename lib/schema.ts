import avro from 'avsc'

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
  /** The header's `version` attribute, e.g. `3.3`; `unknown` where it is no version. */
  readonly version: string
}

export interface Header {
  /** The JSON text of the writer's schema. */
  readonly schema: string
  /** Bytes from the start of the file to the end of the sync marker. */
  readonly length: number
}

const HEADER = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: 16 } },
  ],
})

const MAGIC = Buffer.from('Obj\x01', 'latin1')

/**
 * Reads the header of an Avro object container file (specification 1.11, "Object Container Files").
 * @throws Error in one sentence where the bytes do not begin with one, or promise a codec that no alert has had.
 */
export function parseHeader(bytes: Buffer): Header {
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw new Error('it does not begin as an Avro file does')
  const { value, offset } = HEADER.decode(bytes)
  if (offset < 0) throw new Error("the file's header is cut")
  const { meta } = value as { meta: Record<string, Buffer> }
  const codec = meta['avro.codec']?.toString() ?? 'null'
  if (codec !== 'null' && codec !== '') throw new Error(`its codec is ${codec}, expected null`)
  if (!meta['avro.schema']) throw new Error('its header holds no schema')
  return { schema: meta['avro.schema'].toString(), length: offset }
}

/**
 * Reads the schema text of an alert's header.
 *
 * Two things of real texts go before avsc sees them: each `default`, since writers until 2020-04 gave `null` as the
 * default of unions that do not begin with null, which avsc rejects and no reader of their own data needs; and each
 * `logicalType`, since the lake keeps values as they were written.
 *
 * @throws Error in one sentence where the text is not an Avro schema, or one that contains itself.
 */
export function parseSchema(text: string): Schema {
  const json = JSON.parse(text, (key, value) => (key === 'default' || key === 'logicalType' ? undefined : value))
  const type = avro.Type.forSchema(json, { wrapUnions: true, registry: {} })
  return { shape: shapeOf(type, []), version: versionOf(json) }
}

function versionOf({ version }: { version?: unknown }): string {
  return /^[\w.-]{1,20}$/.test(String(version ?? '')) ? String(version) : 'unknown'
}

function shapeOf(type: avro.Type, around: readonly avro.Type[] = []): Shape {
  if (around.includes(type)) throw new Error(`the record ${type.name} contains itself`)
  const inner = (of: avro.Type) => shapeOf(of, [...around, type])
  const { ArrayType, EnumType, FixedType, MapType, RecordType, WrappedUnionType } = avro.types
  if (type instanceof RecordType) return { kind: 'record', name: type.name ?? '', fields: fieldsOf(type, inner) }
  if (type instanceof ArrayType) return { kind: 'array', of: inner(type.itemsType) }
  if (type instanceof MapType) return { kind: 'map', of: inner(type.valuesType) }
  if (type instanceof WrappedUnionType) return { kind: 'union', branches: type.types.map(inner) }
  if (type instanceof EnumType) return { kind: 'enum', symbols: type.symbols }
  if (type instanceof FixedType) return { kind: 'fixed', size: type.size }
  return { kind: type.typeName as Primitive }
}

function fieldsOf(record: avro.types.RecordType, inner: (of: avro.Type) => Shape): ShapeField[] {
  return record.fields.map(field => ({ name: field.name, shape: inner(field.type) }))
}
