import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Values } from '../../lib/synthetic/alert.ts'
import { makeNight } from '../support/night.ts'
import { packetsOf } from '../support/synthetic-packets.ts'

test('makes unusual numbers, texts and nulls', () => {
  const alerts = packetsOf('4.02', 'go', 'plain', 300, 0.1).map(([, values]) => values)
  const seen = leaves(alerts)
  for (const value of [
    Number.NaN,
    Infinity,
    -0,
    -999,
    -99999,
    -(2 ** 31),
    2n ** 63n - 1n,
    -(2n ** 63n),
    '天文 🔭',
    null,
  ])
    assert.ok(seen.has(Object.is(value, -0) ? '-0' : value), `no ${value}`)
  for (const name of ['prv_candidates', 'fp_hists', 'cutoutScience'])
    assert.ok(alerts.some(alert => alert[name] === null) && alerts.some(alert => alert[name] !== null), name)
})

test('derives unique candids above 2^53 from the night', () => {
  const { alerts } = makeNight({ night: '20180601', alerts: 50 })
  for (const { values, name } of alerts) {
    const candid = values.candid as bigint
    assert.match(String(candid), /^516\d{15}$/)
    assert.ok(candid > 2n ** 53n)
    assert.equal(candid / 1_000_000n, (values.candidate as Values).pid)
    assert.equal(name, `${candid}.avro`)
  }
  assert.equal(new Set(alerts.map(alert => alert.name)).size, 50)
})

test('sorts earlier detections by jd', () => {
  const { alerts } = makeNight({ night: '20200601', alerts: 50 })
  for (const { values } of alerts) {
    const dates = ((values.prv_candidates ?? []) as { jd: number }[]).map(row => row.jd)
    assert.deepEqual(
      dates,
      dates.toSorted((a, b) => a - b),
    )
  }
})

/** Collects a record's leaf values. Negative zero becomes '-0', because a Set does not distinguish it from zero. */
function leaves(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
    for (const inner of Object.values(value)) leaves(inner, found)
  else found.add(Object.is(value, -0) ? '-0' : value)
  return found
}
