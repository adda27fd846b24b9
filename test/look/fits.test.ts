import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFits } from '../../lib/look/fits.ts'
import { fitsOf } from '../support/fits.ts'

test('reads a stamp that is not square and has blank columns, pixel by pixel', () => {
  const values = Array.from({ length: 42 * 63 }, (_, i) => (i % 42 < 3 ? Number.NaN : i))
  const { width, height, pixels } = readFits(fitsOf(42, values))
  assert.deepEqual([width, height, [...pixels]], [42, 63, values])
})

test('the fill value of a template beyond its reference image is blank', () => {
  const { pixels } = readFits(fitsOf(3, [150, -3.4e38, 151, 152, -3.4028235e38, 3.4e38]))
  assert.deepEqual([...pixels], [150, Number.NaN, 151, 152, Number.NaN, Number.NaN])
})
