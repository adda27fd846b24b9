import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFits } from '../../lib/look/fits.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { makeStamp } from '../../lib/synthetic/stamp.ts'
import { fitsOf, makeFits } from '../support/fits.ts'

test('reads a stamp that is not square and has blank columns, pixel by pixel', () => {
  const values = Array.from({ length: 42 * 63 }, (_, i) => (i % 42 < 3 ? Number.NaN : i))
  const { width, height, pixels } = readFits(fitsOf(42, values))
  assert.deepEqual([width, height, [...pixels]], [42, 63, values])
})

test('reads every BITPIX, with BSCALE and BZERO, with or without padding', () => {
  const writers: Record<number, (bytes: Buffer, value: number, i: number) => void> = {
    8: (bytes, value, i) => bytes.writeUInt8(value, i),
    16: (bytes, value, i) => bytes.writeInt16BE(value, i * 2),
    32: (bytes, value, i) => bytes.writeInt32BE(value, i * 4),
    [-32]: (bytes, value, i) => bytes.writeFloatBE(value, i * 4),
    [-64]: (bytes, value, i) => bytes.writeDoubleBE(value, i * 8),
  }
  for (const [bits, write] of Object.entries(writers))
    for (const padded of [true, false]) {
      const data = Buffer.alloc((6 * Math.abs(Number(bits))) / 8)
      for (let i = 0; i < 6; i++) write(data, i + 1, i)
      const image = readFits(makeFits({ BITPIX: bits, BSCALE: '2.0 / a factor', BZERO: 10 }, data, padded))
      assert.deepEqual(
        [image.width, image.height, [...image.pixels]],
        [3, 2, [12, 14, 16, 18, 20, 22]],
        `${bits} ${padded}`,
      )
    }
})

test('the fill value of a template beyond its reference image is blank', () => {
  const { pixels } = readFits(fitsOf(3, [150, -3.4e38, 151, 152, -3.4028235e38, 3.4e38]))
  assert.deepEqual([...pixels], [150, Number.NaN, 151, 152, Number.NaN, Number.NaN])
})

test('reads a stamp without any padding', () => {
  const { width, height } = readFits(makeStamp('small', new Random(3)))
  assert.deepEqual([width, height], [5, 5])
})
