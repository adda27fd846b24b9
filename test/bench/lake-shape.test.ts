import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FULL_SIZE, monthOf, nightsOf, OBSERVED_DAYS } from '../../lib/bench/lake-shape.ts'
import { sum } from '../../lib/bench/nights.ts'

test('a simulated full-size lake has as many nights and files as the listed nights give', () => {
  const nights = nightsOf(FULL_SIZE)
  assert.equal(nights.length, 2218)
  assert.equal(sum(nights.map(({ files }) => files)), 150_355)
  assert.equal(new Set(nights.map(({ night }) => night.date)).size, 2218)
})

test('its nights cover 95 months in date order, the first ones with one night more', () => {
  const nights = nightsOf(FULL_SIZE)
  const months = [...new Set(nights.map(monthOf))]
  const sizes = months.map(month => nights.filter(night => monthOf(night) === month).length)
  assert.deepEqual(sizes, [...Array(33).fill(24), ...Array(62).fill(23)])
  assert.equal(months.slice(0, 8).join(), '201806,201807,201808,201809,201810,201811,201812,201901')
  assert.equal(months.at(-1), '202604')
  assert.deepEqual(
    nights.map(({ night }) => night.date),
    nights.map(({ night }) => night.date).toSorted(),
  )
})

test('its objects are observed in about 300 nights of median size', () => {
  const observed = nightsOf(FULL_SIZE).filter(({ day }) => OBSERVED_DAYS.includes(day))
  assert.equal(observed.length, 285)
  assert.deepEqual([...new Set(observed.map(({ files }) => files))], [66, 54, 86])
})
