import { createRequire } from 'node:module'
import type avsc from 'avsc'

// avsc is the project's own package too, but only for schemas: what reads values here shares no code with the decoder.
const avro = createRequire(import.meta.url)('avsc') as typeof avsc

/** A schema's type in avsc: defaults are left out, as avsc refuses those of the Python writer, and longs are BigInt. */
export function oracleType(schema: string): avsc.Type {
  const bare = JSON.parse(schema, (key, value) => (key === 'default' || key === 'logicalType' ? undefined : value))
  return avro.Type.forSchema(bare, { wrapUnions: true, registry: { long: LONG } })
}

const known = new Map<string, avsc.Type>()

/** The one alert of a packet as avsc reads it; undefined where it cannot. */
export async function oracleRead(packet: Buffer): Promise<{ type: avsc.Type; value: unknown } | undefined> {
  let type: avsc.Type | undefined
  const parseHook = (schema: unknown) => {
    const text = JSON.stringify(schema)
    type = known.get(text) ?? oracleType(text)
    known.set(text, type)
    return type
  }
  const decoder = new avro.streams.BlockDecoder({ parseHook: parseHook as (schema: avsc.Schema) => avsc.Type })
  const found: unknown[] = []
  try {
    decoder.end(packet)
    for await (const value of decoder) found.push(value)
  } catch {
    return undefined
  }
  return type && found.length === 1 ? { type, value: found[0] } : undefined
}

/**
 * What the columns should hold for a value of avsc's, and what they do hold, alike in form. Where the columns keep raw
 * Avro bytes, `actual` is those bytes read by avsc.
 */
export function compared(type: avsc.Type, value: unknown, actual: unknown): { expected: unknown; actual: unknown } {
  const { ArrayType, MapType, RecordType, WrappedUnionType } = avro.types
  if (type instanceof WrappedUnionType) {
    const branch = optional(type)
    if (!branch) return raw(type, value, actual)
    return value === null ? { expected: null, actual } : compared(branch, unwrapped(value), actual)
  }
  if (type instanceof MapType) return raw(type, value, actual)
  if (type instanceof ArrayType) {
    if (!Array.isArray(actual)) return { expected: 'an array', actual }
    const pairs = (value as unknown[]).map((item, i) => compared(type.itemsType, item, actual[i]))
    return {
      expected: pairs.map(pair => pair.expected),
      actual: pairs.map(pair => pair.actual).concat(actual.slice(pairs.length)),
    }
  }
  if (type instanceof RecordType) return comparedRecord(type, value as object, actual)
  return { expected: value, actual }
}

function comparedRecord(type: avsc.types.RecordType, value: object, actual: unknown) {
  if (typeof actual !== 'object' || actual === null) return { expected: 'a record', actual }
  const [expected, held]: Record<string, unknown>[] = [{}, { ...actual }]
  for (const { name, type: inner } of type.fields) {
    const pair = compared(inner, value[name as keyof object], actual[name as keyof object])
    ;(expected as Record<string, unknown>)[name] = pair.expected
    ;(held as Record<string, unknown>)[name] = pair.actual
  }
  return { expected, actual: held }
}

function raw(type: avsc.Type, value: unknown, actual: unknown) {
  return { expected: value, actual: Buffer.isBuffer(actual) ? type.fromBuffer(actual) : actual }
}

/** The other branch of a union of two that has null; undefined for other unions. */
function optional({ types }: avsc.types.WrappedUnionType): avsc.Type | undefined {
  const others = types.filter(({ typeName }) => typeName !== 'null')
  return types.length === 2 && others.length === 1 ? others[0] : undefined
}

function unwrapped(value: unknown): unknown {
  return Object.values(value as object)[0]
}

const LONG = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => Buffer.from(BigInt64Array.of(value).buffer),
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => Number(a > b) - Number(a < b),
})
