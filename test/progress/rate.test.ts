import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RateMeter } from '../../lib/progress/rate.ts'

test('gives the rate of the last minute, never below zero, and none at first', () => {
  const meter = new RateMeter()
  assert.deepEqual(
    [
      [0, 0],
      [500, 400],
      [1000, 1000],
      [2000, 4000],
      [60_000, 4000],
      [62_000, 4000],
      [63_000, 0],
    ].map(([at, bytes]) => meter.rate(at as number, bytes as number)),
    [undefined, undefined, 1000, 2000, 4000 / 60, 0, 0],
  )
})
