import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LeafType } from '../../lib/parquet/columns.ts'
import { type Range, rangeOf, unionOf } from '../../lib/parquet/statistics.ts'
import { Random } from '../../lib/synthetic/random.ts'

type Value = number | bigint | boolean | string | Buffer

test('finds the smallest and the largest value of each type', () => {
  assert.deepEqual(range('boolean', [true, false, true]), [false, true])
  assert.deepEqual(range('boolean', [true, true]), [true, true])
  assert.deepEqual(range('int', [3, -7, 0, 2 ** 31 - 1, -(2 ** 31)]), [-(2 ** 31), 2 ** 31 - 1])
  assert.deepEqual(range('float', [1.5, -2.5, 0.25]), [-2.5, 1.5])
  assert.deepEqual(range('double', [0.1, -Infinity, Infinity]), [-Infinity, Infinity])
  assert.deepEqual(range('string', ['b', 'a', 'c']), ['a', 'c'])
})

test('has no range for byte strings, which have no order, and for no value', () => {
  assert.equal(range('bytes', [Buffer.from('a')]), undefined)
  for (const type of ['boolean', 'int', 'long', 'float', 'double', 'string'] as const)
    assert.equal(range(type, []), undefined)
})

for (const type of ['float', 'double'] as const) {
  test(`ignores NaN, and has no range if all values are NaN: ${type}`, () => {
    assert.deepEqual(range(type, [Number.NaN, 2, Number.NaN, 1, Number.NaN]), [1, 2])
    assert.equal(range(type, [Number.NaN, Number.NaN]), undefined)
  })

  test(`takes -0 as the minimum and 0 as the maximum for zeros of any sign: ${type}`, () => {
    for (const zeros of [[0], [-0], [0, -0], [-0, 0]]) assert.deepEqual(range(type, zeros), [-0, 0])
    assert.deepEqual(range(type, [0, 5]), [-0, 5])
    assert.deepEqual(range(type, [-5, -0]), [-5, 0])
  })
}

test('compares longs exactly, whatever their sign, beyond 2^53', () => {
  const longs = [
    [-(2n ** 63n), 2n ** 63n - 1n],
    [-(2n ** 53n) - 2n, -(2n ** 53n) - 1n],
    [2n ** 53n, 2n ** 53n + 1n],
    [-(2n ** 32n) - 1n, -(2n ** 32n)],
    [-1n, 0n],
    [2n ** 31n - 1n, 2n ** 31n],
    [2n ** 32n - 1n, 2n ** 32n],
  ]
  for (const [min, max] of longs as [bigint, bigint][]) {
    assert.deepEqual(range('long', [min, max]), [min, max])
    assert.deepEqual(range('long', [max, min]), [min, max])
    assert.deepEqual(range('long', [max, min, max, min]), [min, max])
    assert.deepEqual(range('long', [max]), [max, max])
  }
})

test('finds the range of random longs and strings as sorting does', () => {
  const random = new Random(3)
  for (let i = 0; i < 300; i++) {
    const length = random.int(1, 20)
    const bits = random.int(1, 62)
    const longs = Array.from({ length }, () => random.long(0n, 2n ** BigInt(bits)) - 2n ** BigInt(bits - 1))
    const sorted = longs.toSorted((a, b) => Number(a > b) - Number(a < b))
    assert.deepEqual(range('long', longs), [sorted[0], sorted.at(-1)])
    const texts = Array.from({ length }, () => random.letters(random.int(0, 3)) + random.pick(['', 'é', '天', '🔭']))
    const ordered = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(range('string', texts), [ordered[0], ordered.at(-1)])
  }
})

test('orders strings by their unsigned bytes, and a prefix before the longer string', () => {
  assert.deepEqual(range('string', ['é', 'z']), ['z', 'é'])
  // Unlike UTF-16, in which the surrogates of the telescope come before U+FFFD.
  assert.deepEqual(range('string', ['🔭', '\ufffd']), ['\ufffd', '🔭'])
  assert.deepEqual(range('string', ['ZTF18', 'ZTF1', 'ZTF']), ['ZTF', 'ZTF18'])
  assert.deepEqual(range('string', ['a', '']), ['', 'a'])
  assert.deepEqual(range('string', ['']), ['', ''])
})

test('has no range if a string is longer than 256 bytes, wherever it is', () => {
  const longest = 'm'.repeat(256)
  assert.deepEqual(range('string', [longest]), [longest, longest])
  for (const values of [[`${longest}m`], ['a', `${longest}m`, 'z'], ['é'.repeat(129)]])
    assert.equal(range('string', values), undefined)
})

test('unites ranges', () => {
  const cases: [LeafType, Value[][]][] = [
    ['boolean', [[false], [true]]],
    ['int', [[5, 6], [-3], [2]]],
    ['long', [[-(2n ** 60n)], [2n ** 60n, 2n ** 60n + 1n]]],
    ['float', [[0, 1], [-0]]],
    ['double', [[1], [-1], [Number.MIN_VALUE]]],
    ['string', [['b', 'ba'], ['é'], ['a', '']]],
  ]
  for (const [type, parts] of cases) {
    const ranges = parts.map(values => rangeOf(type, ...plain(type, values)) as Range)
    assert.deepEqual(values(type, unionOf(type, ranges)), range(type, parts.flat()))
  }
  assert.equal(unionOf('int', []), undefined)
})

/** Minimum and maximum of values; undefined if there is no range. */
function range(type: LeafType, all: readonly Value[]): [Value, Value] | undefined {
  return values(type, rangeOf(type, ...plain(type, all)))
}

/** Values in PLAIN encoding, but booleans in a byte each, at the start of a larger buffer; and their length. */
function plain(type: LeafType, values: readonly Value[]): [Uint8Array<ArrayBuffer>, number] {
  const parts = values.map(value => encoded(type, value))
  const all = Buffer.concat(type === 'string' || type === 'bytes' ? parts.flatMap(withLength) : parts)
  const bytes = new Uint8Array(Math.ceil(all.length / 8) * 8 + 64).fill(0x80)
  bytes.set(all)
  return [bytes, all.length]
}

function withLength(value: Buffer): Buffer[] {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(value.length)
  return [length, value]
}

function encoded(type: LeafType, value: Value): Buffer {
  const bytes = Buffer.alloc(8)
  if (type === 'boolean') return Buffer.from([value ? 1 : 0])
  if (type === 'long') bytes.writeBigInt64LE(value as bigint)
  else if (type === 'int') bytes.writeInt32LE(value as number)
  else if (type === 'float') bytes.writeFloatLE(value as number)
  else if (type === 'double') bytes.writeDoubleLE(value as number)
  else return Buffer.from(value as string)
  return bytes.subarray(0, type === 'int' || type === 'float' ? 4 : 8)
}

function values(type: LeafType, range: Range | undefined): [Value, Value] | undefined {
  return range && [decoded(type, range.min), decoded(type, range.max)]
}

function decoded(type: LeafType, value: Uint8Array): Value {
  const bytes = Buffer.from(value)
  if (type === 'boolean') {
    assert.equal(bytes.length, 1)
    return bytes[0] === 1
  }
  if (type === 'string') return bytes.toString()
  assert.equal(bytes.length, type === 'int' || type === 'float' ? 4 : 8)
  if (type === 'long') return bytes.readBigInt64LE()
  if (type === 'int') return bytes.readInt32LE()
  return type === 'float' ? bytes.readFloatLE() : bytes.readDoubleLE()
}
