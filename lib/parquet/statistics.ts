import type { LeafType } from './columns.ts'

/** Smallest and largest value of a page or column chunk, in PLAIN encoding without the length of a string. */
export interface Range {
  readonly min: Uint8Array
  readonly max: Uint8Array
}

/** Maximum length in bytes of the strings in a range, because a footer holds many ranges and is read whole. */
const MAX_LENGTH = 256

/**
 * Finds the range of values in PLAIN encoding; booleans take up a byte each.
 *
 * @param bytes starts at the start of its ArrayBuffer; the first `length` bytes hold the values
 * @returns undefined if there is no value (NaN does not count), if the type is `bytes`, which is not ordered, or if a
 *   string is too long
 */
export function rangeOf(type: LeafType, bytes: Uint8Array<ArrayBuffer>, length: number): Range | undefined {
  if (length === 0) return undefined
  const { buffer } = bytes
  switch (type) {
    case 'boolean':
      return numberRange(bytes.subarray(0, length))
    case 'int':
      return numberRange(new Int32Array(buffer, 0, length >> 2))
    case 'float':
      return numberRange(new Float32Array(buffer, 0, length >> 2))
    case 'double':
      return numberRange(new Float64Array(buffer, 0, length >> 3))
    case 'long':
      return longRange(bytes, length >> 3)
    case 'string':
      return stringRange(bytes, length)
    default:
      return undefined
  }
}

/** Returns the range that covers all the given ones; undefined if there are none. */
export function unionOf(type: LeafType, ranges: readonly Range[]): Range | undefined {
  const values = ranges.flatMap(({ min, max }) => [min, max])
  const plain = new Uint8Array(Buffer.concat(type === 'string' ? values.map(withLength) : values))
  return rangeOf(type, plain, plain.length)
}

function withLength(value: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + value.length)
  bytes.writeUInt32LE(value.length)
  bytes.set(value, 4)
  return bytes
}

function numberRange(values: Uint8Array | Int32Array | Float32Array | Float64Array): Range | undefined {
  let [min, max] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < min) min = value
    if (value > max) max = value
  }
  if (min > max) return undefined
  // The specification requires -0 as a minimum and +0 as a maximum, because the two compare as equal.
  const isFloat = values instanceof Float32Array || values instanceof Float64Array
  const pair = new (values.constructor as Float64ArrayConstructor)([
    isFloat && min === 0 ? -0 : min,
    max === 0 ? 0 : max,
  ])
  const [first, second] = [pair.subarray(0, 1), pair.subarray(1)]
  return { min: bytesOf(first), max: bytesOf(second) }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Compares longs as pairs of words, because a BigInt per value would cost more than the rest of the page. */
function longRange({ buffer }: Uint8Array<ArrayBuffer>, count: number): Range {
  const low = new Uint32Array(buffer, 0, count * 2)
  const high = new Int32Array(buffer, 0, count * 2)
  let [min, max] = [0, 0]
  for (let i = 2; i < count * 2; i += 2) {
    const [l, h] = [low[i] as number, high[i + 1] as number]
    const [minHigh, maxHigh] = [high[min + 1] as number, high[max + 1] as number]
    if (h < minHigh || (h === minHigh && l < (low[min] as number))) min = i
    else if (h > maxHigh || (h === maxHigh && l > (low[max] as number))) max = i
  }
  const at = (i: number) => new Uint8Array(buffer.slice(i * 4, i * 4 + 8))
  return { min: at(min), max: at(max) }
}

function stringRange(bytes: Uint8Array<ArrayBuffer>, length: number): Range | undefined {
  const view = new DataView(bytes.buffer)
  let [minStart, minEnd, maxStart, maxEnd] = [-1, -1, -1, -1]
  for (let at = 0; at < length; ) {
    const start = at + 4
    const end = start + view.getUint32(at, true)
    if (end - start > MAX_LENGTH) return undefined
    if (minStart < 0 || isLess(bytes, start, end, minStart, minEnd)) [minStart, minEnd] = [start, end]
    if (maxStart < 0 || isLess(bytes, maxStart, maxEnd, start, end)) [maxStart, maxEnd] = [start, end]
    at = end
  }
  return { min: bytes.slice(minStart, minEnd), max: bytes.slice(maxStart, maxEnd) }
}

/** Compares two strings in `bytes` by their unsigned bytes, as Parquet orders them. */
function isLess(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  const length = Math.min(end - start, otherEnd - otherStart)
  for (let i = 0; i < length; i++) {
    const difference = (bytes[start + i] as number) - (bytes[otherStart + i] as number)
    if (difference !== 0) return difference < 0
  }
  return end - start < otherEnd - otherStart
}
