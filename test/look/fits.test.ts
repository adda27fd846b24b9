import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFits } from '../../lib/look/fits.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { drawStamp, makeStamp } from '../../lib/synthetic/stamp.ts'
import { fitsOf, makeFits } from '../support/fits.ts'

test('reads a stamp that is not square and has blank columns, pixel by pixel', () => {
  const { width, height, pixels } = readFits(
    drawStamp([{ x: 0, y: 0, sigma: 1, peak: 5000 }], 100, new Random(1), [42, 63, 3]),
  )
  assert.deepEqual([width, height, pixels.length], [42, 63, 42 * 63])
  for (const [i, value] of pixels.entries()) assert.equal(Number.isNaN(value), i % 42 < 3)
  const brightest = pixels.indexOf(Math.max(...pixels.filter(Number.isFinite)))
  assert.deepEqual([Math.abs((brightest % 42) - 20.5), Math.floor(brightest / 42)], [0.5, 31])
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
