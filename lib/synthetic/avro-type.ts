import type { Schema, SchemaObject } from './schema.ts'

/** An Avro type whose names are resolved. */
export type AvroType =
  | { kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | RecordType
  | { kind: 'array'; items: AvroType }
  | { kind: 'map'; values: AvroType }
  | { kind: 'union'; branches: AvroType[] }
  | { kind: 'enum'; symbols: string[] }
  | { kind: 'fixed'; size: number }

export interface RecordType {
  kind: 'record'
  name: string
  fields: { name: string; type: AvroType }[]
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])

/** Parses the text of a schema whose top level is a record. */
export function recordType(text: string): RecordType {
  const type = resolve(JSON.parse(text) as Schema, '', new Map())
  if (type.kind !== 'record') throw new TypeError(`not a record: ${type.kind}`)
  return type
}

function resolve(schema: Schema, namespace: string, names: Map<string, AvroType>): AvroType {
  if (Array.isArray(schema)) return { kind: 'union', branches: schema.map(branch => resolve(branch, namespace, names)) }
  if (typeof schema !== 'string') return complex(schema, namespace, names)
  if (PRIMITIVES.has(schema)) return { kind: schema } as AvroType
  const type = names.get(fullName(schema, namespace))
  if (!type) throw new TypeError(`unknown type: ${schema}`)
  return type
}

function complex(schema: SchemaObject, namespace: string, names: Map<string, AvroType>): AvroType {
  const { type } = schema
  if (type === 'array') return { kind: 'array', items: resolve(schema.items as Schema, namespace, names) }
  if (type === 'map') return { kind: 'map', values: resolve(schema.values as Schema, namespace, names) }
  if (type === 'record' || type === 'enum' || type === 'fixed') return named(schema, namespace, names)
  return resolve(type, namespace, names)
}

function named(schema: SchemaObject, outer: string, names: Map<string, AvroType>): AvroType {
  const name = fullName(schema.name as string, (schema.namespace as string | undefined) ?? outer)
  const namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')))
  if (schema.type === 'enum') return register(names, name, { kind: 'enum', symbols: schema.symbols as string[] })
  if (schema.type === 'fixed') return register(names, name, { kind: 'fixed', size: schema.size as number })
  const record: RecordType = { kind: 'record', name, fields: [] }
  register(names, name, record)
  for (const field of schema.fields ?? [])
    record.fields.push({ name: field.name, type: resolve(field.type, namespace, names) })
  return record
}

function register(names: Map<string, AvroType>, name: string, type: AvroType): AvroType {
  names.set(name, type)
  return type
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}
