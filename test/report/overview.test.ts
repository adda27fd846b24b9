import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Converted, runsOf } from '../../lib/report/overview.ts'

const MINUTE = 60_000

/** A conversion that ends after so many minutes. */
function ended(minute: number, seconds: number): Converted {
  return { converted: minute * MINUTE, seconds, alerts: 100, bytes: 5000 }
}

test('conversions side by side and one soon after the other are one run, and its time is theirs together', () => {
  const [run, ...others] = runsOf([ended(12, 60), ended(2, 120), ended(3, 60)])
  assert.deepEqual(run, { start: 0, end: 12 * MINUTE, nights: 3, alerts: 300, bytes: 15_000 })
  assert.deepEqual(others, [])
})

test('a pause of more than ten minutes ends a run, a night that takes longer does not', () => {
  const runs = runsOf([ended(1, 60), ended(90, 60), ended(130, 30 * 60)])
  assert.deepEqual(
    runs.map(({ start, nights }) => [start / MINUTE, nights]),
    [
      [0, 1],
      [89, 2],
    ],
  )
})

test('without conversions there is no run', () => {
  assert.deepEqual(runsOf([]), [])
})
