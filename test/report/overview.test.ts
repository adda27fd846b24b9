import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Conversion, runsOf } from '../../lib/report/overview.ts'

const MINUTE = 60_000

/** A conversion that ends `minute` minutes after the epoch. */
function conversion(minute: number, seconds: number): Conversion {
  return { converted: minute * MINUTE, seconds, alerts: 100, bytes: 5000 }
}

test('conversions that overlap or follow soon are one run', () => {
  const [run, ...others] = runsOf([conversion(12, 60), conversion(2, 120), conversion(3, 60)])
  assert.deepEqual(run, { start: 0, end: 12 * MINUTE, nights: 3, alerts: 300, bytes: 15_000 })
  assert.deepEqual(others, [])
})

test('a pause of more than ten minutes ends a run, a night of more than ten minutes does not', () => {
  const runs = runsOf([conversion(1, 60), conversion(90, 60), conversion(130, 30 * 60)])
  assert.deepEqual(
    runs.map(({ start, nights }) => [start / MINUTE, nights]),
    [
      [0, 1],
      [89, 2],
    ],
  )
})

test('no conversions make no runs', () => {
  assert.deepEqual(runsOf([]), [])
})
