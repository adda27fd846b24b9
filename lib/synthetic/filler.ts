import type { AvroType } from './avro-type.ts'
import type { Random } from './random.ts'

export interface FillerOptions {
  random: Random
  /** The number that stands for a missing value; undefined where null does. */
  missing?: number
  /** The share of values that are null where they may be. */
  nulls: number
  /** The share of numbers and texts that are as odd as their type allows. */
  edges: number
}

const FLOATS = [Number.NaN, Infinity, -Infinity, -0, 2 ** -149, 2 ** -126, Math.fround(3.4028234663852886e38)]
const DOUBLES = [Number.NaN, Infinity, -Infinity, -0, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53 + 2]
const INTS = [-(2 ** 31), 2 ** 31 - 1, -1, 0, 63, 64, -64, -65]
const LONGS = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, -1n, 0n, 2n ** 31n, -(2n ** 31n) - 1n]
/** As the ids of PS1 objects are. */
const BEYOND_DOUBLE = [2n ** 53n, 2n ** 58n] as const
const TEXTS = [
  '',
  ' ',
  '"quoted", with a comma',
  'line\nbreak',
  'nul\0inside',
  'Žluťoučký',
  '天文学 🔭',
  'x'.repeat(300),
]

/** Some value of any Avro type. */
export function fill(type: AvroType, options: FillerOptions): unknown {
  const { random, edges } = options
  if (type.kind === 'union') return branch(type.branches, options)
  if (type.kind === 'float') return Math.fround(real(FLOATS, options))
  if (type.kind === 'double') return real(DOUBLES, options)
  if (type.kind === 'int') return random.chance(edges) ? random.pick(INTS) : random.int(0, 2000)
  if (type.kind === 'long') return random.chance(edges) ? random.pick(LONGS) : random.long(...BEYOND_DOUBLE)
  if (type.kind === 'string') return random.chance(edges * 10) ? random.pick(TEXTS) : random.letters(random.int(1, 12))
  return compound(type, options)
}

function compound(type: AvroType, options: FillerOptions): unknown {
  const { random } = options
  if (type.kind === 'boolean') return random.chance(0.5)
  if (type.kind === 'bytes') return random.bytes(random.int(0, 40))
  if (type.kind === 'fixed') return random.bytes(type.size)
  if (type.kind === 'enum') return random.pick(type.symbols)
  if (type.kind === 'array') return Array.from({ length: random.int(0, 3) }, () => fill(type.items, options))
  if (type.kind === 'map') return { [random.letters(3)]: fill(type.values, options) }
  if (type.kind !== 'record') return null
  return Object.fromEntries(type.fields.map(field => [field.name, fill(field.type, options)]))
}

function branch(branches: AvroType[], options: FillerOptions): unknown {
  const { random, nulls } = options
  const others = branches.filter(other => other.kind !== 'null')
  if (others.length < branches.length && random.chance(nulls)) return null
  return fill(random.pick(others), options)
}

function real(odd: number[], { random, missing, edges }: FillerOptions): number {
  if (random.chance(edges)) return random.pick(odd)
  if (missing !== undefined && random.chance(0.05)) return missing
  return random.between(-5, 30)
}
