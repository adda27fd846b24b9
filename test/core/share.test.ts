import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { divide } from '../../lib/core/share.ts'

const MIB = 1 << 20

test('gives the largest night to the task with the least bytes so far', () => {
  const nights = sized([30, 80, 20, 70, 10, 40])
  const shares = divide(nights, 3).map(share => share.map(({ bytes }) => bytes / MIB))
  assert.deepEqual(shares, [[80], [70, 20], [40, 30, 10]])
})

test('divides empty nights evenly', () => {
  const shares = divide(sized(Array(10).fill(0)), 4).map(({ length }) => length)
  assert.deepEqual(shares, [3, 3, 2, 2])
})

test('leaves tasks empty if there are fewer nights than tasks', () => {
  const shares = divide(sized([3, 2]), 5).map(({ length }) => length)
  assert.deepEqual(shares, [1, 1, 0, 0, 0])
})

test('puts each night into one share, and balances shares to within the largest night', () => {
  const cases = fc.record({ sizes: fc.array(fc.nat(1 << 30)), parts: fc.integer({ min: 1, max: 20 }) })
  fc.assert(
    fc.property(cases, ({ sizes, parts }) => {
      const nights = sizes.map((bytes, i) => ({ stem: `night-${i}`, bytes }))
      const shares = divide(nights, parts)
      assert.deepEqual(stems(shares.flat()), stems(nights))
      const loads = shares.map(share => share.reduce((sum, { bytes }) => sum + bytes + MIB, 0))
      const largest = Math.max(0, ...sizes) + MIB
      assert.ok(Math.max(...loads) - Math.min(...loads) <= largest)
    }),
  )
})

function sized(mebibytes: readonly number[]) {
  return mebibytes.map((size, i) => ({ stem: `night-${i}`, bytes: size * MIB }))
}

function stems(nights: readonly { stem: string }[]): string[] {
  return nights.map(({ stem }) => stem).sort()
}
