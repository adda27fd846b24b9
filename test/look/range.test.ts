import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moved, zoomed } from '../../lib/look/browser/range.ts'

test('zooming keeps the date under the pointer in its place', () => {
  assert.deepEqual(zoomed([0, 100], 0.5, 20, [0, 100]), [10, 60])
  assert.deepEqual(zoomed([10, 60], 2, 20, [-100, 200]), [0, 100])
})

test('a range stays within that of all points, and is never empty', () => {
  assert.deepEqual(zoomed([10, 60], 100, 20, [0, 100]), [0, 100])
  assert.deepEqual(moved([10, 60], -50, [0, 100]), [0, 50])
  assert.deepEqual(moved([10, 60], 90, [0, 100]), [50, 100])
  const [first, last] = zoomed([0, 100], 0, 50, [0, 100])
  assert.ok(last > first && first > 49 && last < 51)
})
