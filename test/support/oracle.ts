import { createRequire } from 'node:module'
import type avsc from 'avsc'

// The project itself uses avsc for schemas only, so reading values with it here is independent of the decoder.
const avro = createRequire(import.meta.url)('avsc') as typeof avsc

/** avsc's type for a schema. Defaults are dropped, because avsc rejects those of the Python writer; longs are BigInt. */
export function oracleType(schema: string, wrapUnions = true): avsc.Type {
  const bare = JSON.parse(schema, (key, value) => (key === 'default' || key === 'logicalType' ? undefined : value))
  return avro.Type.forSchema(bare, { wrapUnions, registry: { long: LONG } })
}

const cache = new Map<string, avsc.Type>()

/** The single alert of a packet as avsc reads it; undefined if it cannot. */
export async function oracleRead(
  packet: Buffer,
  wrapUnions = true,
): Promise<{ type: avsc.Type; value: unknown } | undefined> {
  let type: avsc.Type | undefined
  const parseHook = (schema: unknown) => {
    const text = JSON.stringify(schema)
    const key = `${wrapUnions} ${text}`
    type = cache.get(key) ?? oracleType(text, wrapUnions)
    cache.set(key, type)
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
 * Brings a value read by avsc and one read from the columns into the same form. Values that the columns keep as raw
 * Avro bytes are decoded by avsc.
 */
export function comparable(type: avsc.Type, value: unknown, actual: unknown): { expected: unknown; actual: unknown } {
  const { ArrayType, MapType, RecordType, WrappedUnionType } = avro.types
  if (type instanceof WrappedUnionType) {
    const branch = nonNullBranch(type)
    if (!branch) return fromRaw(type, value, actual)
    return value === null ? { expected: null, actual } : comparable(branch, unwrapped(value), actual)
  }
  if (type instanceof MapType) return fromRaw(type, value, actual)
  if (type instanceof ArrayType) {
    if (!Array.isArray(actual)) return { expected: 'an array', actual }
    const pairs = (value as unknown[]).map((item, i) => comparable(type.itemsType, item, actual[i]))
    return {
      expected: pairs.map(pair => pair.expected),
      actual: pairs.map(pair => pair.actual).concat(actual.slice(pairs.length)),
    }
  }
  if (type instanceof RecordType) return comparableRecord(type, value as object, actual)
  return { expected: value, actual }
}

function comparableRecord(type: avsc.types.RecordType, value: object, actual: unknown) {
  if (typeof actual !== 'object' || actual === null) return { expected: 'a record', actual }
  const [expected, found]: Record<string, unknown>[] = [{}, { ...actual }]
  for (const { name, type: inner } of type.fields) {
    const pair = comparable(inner, value[name as keyof object], actual[name as keyof object])
    ;(expected as Record<string, unknown>)[name] = pair.expected
    ;(found as Record<string, unknown>)[name] = pair.actual
  }
  return { expected, actual: found }
}

function fromRaw(type: avsc.Type, value: unknown, actual: unknown) {
  return { expected: value, actual: Buffer.isBuffer(actual) ? type.fromBuffer(actual) : actual }
}

/** Replaces objects of avsc's classes by plain ones, because deepEqual compares prototypes. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** The branch of a nullable type that is not null; undefined for other unions. */
function nonNullBranch({ types }: avsc.types.WrappedUnionType): avsc.Type | undefined {
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
