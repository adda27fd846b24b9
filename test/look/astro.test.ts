import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatUtc, jdToDate, jdToMjd, mjdToDate, sexagesimal } from '../../lib/look/astro.ts'

test('positions are formatted in hours and degrees, and no part rounds up to 60', () => {
  assert.equal(sexagesimal(187.706042, 12.391123), '12:30:49.45 +12:23:28.0')
  assert.equal(sexagesimal(0, -0.0001), '00:00:00.00 -00:00:00.4')
  assert.equal(sexagesimal(14.999999999, 59.99999999), '01:00:00.00 +60:00:00.0')
})

test('a right ascension just below 360 degrees is formatted as 0 hours', () => {
  assert.equal(sexagesimal(359.99999999, 0), '00:00:00.00 +00:00:00.0')
  assert.equal(sexagesimal(359.9999, 0), '23:59:59.98 +00:00:00.0')
})

test('seconds stay below 60 next to each full minute of arc, up to the poles', () => {
  for (let minute = -5400; minute <= 5400; minute++)
    for (const offset of [-1e-3, -1e-5, -1e-7, 0, 1e-7]) {
      const dec = Math.min(Math.max(minute / 60 + offset, -90), 90)
      assert.match(
        sexagesimal((4 * Math.abs(dec)) % 360, dec),
        /^\d\d:[0-5]\d:[0-5]\d\.\d\d [+-]\d\d:[0-5]\d:[0-5]\d\.\d$/,
      )
    }
})

test('Julian dates are converted to dates and modified Julian dates', () => {
  assert.equal(jdToDate(2451545).toISOString(), '2000-01-01T12:00:00.000Z')
  assert.equal(jdToMjd(2451545), 51544.5)
  assert.equal(mjdToDate(51544.5).toISOString(), '2000-01-01T12:00:00.000Z')
  assert.equal(formatUtc(2458312.8084), '2018-07-13 07:24:05')
})
