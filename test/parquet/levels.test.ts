import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { bitWidth, encodeLevels, maxEncodedBytes } from '../../lib/parquet/levels.ts'
import { Random } from '../../lib/synthetic/random.ts'

test('counts the bits of a level', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 7, 8, 255].map(bitWidth), [0, 1, 2, 2, 3, 3, 4, 8])
})

test('encodes any number of levels of any width, so that an independent reader decodes them', () => {
  const random = new Random(1)
  for (let width = 1; width <= 8; width++)
    for (const count of [1, 2, 7, 8, 9, 63, 64, 65, 503, 504, 505, 1024, 65_536, 70_001])
      for (const share of [0, 0.001, 0.5, 1]) {
        const max = 2 ** width - 1
        const levels = Uint8Array.from({ length: count }, () => (random.chance(share) ? random.int(0, max) : max))
        assertDecodes(levels, width)
      }
})

test('encodes levels of which only the first or the last differs', () => {
  for (const count of [2, 8, 9, 1024])
    for (const at of [0, count - 1]) assertDecodes(new Uint8Array(count).fill(1, at, at + 1), 1)
})

test('encodes a part of the levels, at an offset in the target', () => {
  const levels = Uint8Array.from({ length: 40 }, (_, i) => i % 4)
  const target = new Uint8Array(100).fill(0xaa)
  const end = encodeLevels(levels.subarray(13, 30), 2, target, 21)
  assert.deepEqual([...decoded(target, 21, 2, 17)], [...levels.subarray(13, 30)])
  assert.ok(target.subarray(0, 21).every(byte => byte === 0xaa))
  assert.ok(target.subarray(end).every(byte => byte === 0xaa))
})

test('encodes equal levels in a few bytes, in the form of the specification', () => {
  const target = new Uint8Array(100)
  const end = encodeLevels(new Uint8Array(1000).fill(3), 2, target, 0)
  // The length in 4 bytes, 1000 << 1 as a varint, and the level.
  assert.deepEqual([...target.subarray(0, end)], [3, 0, 0, 0, 0xd0, 0x0f, 3])
})

test('packs levels as in the example of the specification', () => {
  const target = new Uint8Array(100)
  const end = encodeLevels(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7), 3, target, 0)
  assert.deepEqual([...target.subarray(0, end)], [4, 0, 0, 0, 3, 0b10001000, 0b11000110, 0b11111010])
})

function assertDecodes(levels: Uint8Array, width: number): void {
  const room = maxEncodedBytes(levels.length, width)
  const target = new Uint8Array(room + 1).fill(0xaa)
  const end = encodeLevels(levels, width, target, 0)
  assert.ok(end <= room, `${end} bytes, expected at most ${room}`)
  assert.equal(new DataView(target.buffer).getUint32(0, true), end - 4)
  assert.ok(Buffer.from(decoded(target.slice(0, end), 0, width, levels.length)).equals(levels), `width ${width}`)
  assert.equal(target[end], 0xaa)
}

function decoded(bytes: Uint8Array, offset: number, width: number, count: number): Uint8Array {
  const output = new Uint8Array(count)
  readRleBitPackedHybrid({ view: new DataView(bytes.buffer), offset }, width, output)
  return output
}
