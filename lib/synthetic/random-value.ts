import type { Shape } from '../alerts/schema.ts'
import type { Random } from './random.ts'

export interface RandomValueOptions {
  random: Random
  /** Number that marks a missing value, e.g. -999; undefined if there is none. */
  missing?: number
  /** Fraction of nullable values that are null. */
  nulls: number
  /** Fraction of unusual numbers, such as NaN or the type's maximum. The fraction for strings is ten times as large. */
  edges: number
}

const FLOATS = [Number.NaN, Infinity, -Infinity, -0, 2 ** -149, 2 ** -126, Math.fround(3.4028234663852886e38)]
const DOUBLES = [Number.NaN, Infinity, -Infinity, -0, Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53 + 2]
const INTS = [-(2 ** 31), 2 ** 31 - 1, -1, 0, 63, 64, -64, -65]
const LONGS = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, -1n, 0n, 2n ** 31n, -(2n ** 31n) - 1n]
/** Range of random longs. Like Pan-STARRS object ids, they are too large to be exact as doubles. */
const LARGE_IDS = [2n ** 53n, 2n ** 58n] as const
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

export function randomValue(shape: Shape, options: RandomValueOptions): unknown {
  const { random, edges } = options
  if (shape.kind === 'union') return branch(shape.branches, options)
  if (shape.kind === 'float') return Math.fround(real(FLOATS, options))
  if (shape.kind === 'double') return real(DOUBLES, options)
  if (shape.kind === 'int') return random.chance(edges) ? random.pick(INTS) : random.int(0, 2000)
  if (shape.kind === 'long') return random.chance(edges) ? random.pick(LONGS) : random.long(...LARGE_IDS)
  if (shape.kind === 'string') return random.chance(edges * 10) ? random.pick(TEXTS) : random.letters(random.int(1, 12))
  return compound(shape, options)
}

function compound(shape: Shape, options: RandomValueOptions): unknown {
  const { random } = options
  if (shape.kind === 'boolean') return random.chance(0.5)
  if (shape.kind === 'bytes') return random.bytes(random.int(0, 40))
  if (shape.kind === 'fixed') return random.bytes(shape.size)
  if (shape.kind === 'enum') return random.pick(shape.symbols)
  if (shape.kind === 'array') return Array.from({ length: random.int(0, 3) }, () => randomValue(shape.of, options))
  if (shape.kind === 'map') return { [random.letters(3)]: randomValue(shape.of, options) }
  if (shape.kind !== 'record') return null
  return Object.fromEntries(shape.fields.map(field => [field.name, randomValue(field.shape, options)]))
}

function branch(branches: readonly Shape[], options: RandomValueOptions): unknown {
  const { random, nulls } = options
  const others = branches.filter(other => other.kind !== 'null')
  if (others.length < branches.length && random.chance(nulls)) return null
  return randomValue(random.pick(others), options)
}

function real(unusual: number[], { random, missing, edges }: RandomValueOptions): number {
  if (random.chance(edges)) return random.pick(unusual)
  if (missing !== undefined && random.chance(0.05)) return missing
  return random.between(-5, 30)
}
