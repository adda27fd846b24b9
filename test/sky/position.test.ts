import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDec, parseRa, parseRadius, separation } from '../../lib/sky/position.ts'

test('a right ascension is in degrees, or in hours, minutes and seconds', () => {
  assert.equal(parseRa('217.5', 'RA'), 217.5)
  assert.equal(parseRa('+12.3', 'RA'), 12.3)
  assert.equal(parseRa(' 0 ', 'RA'), 0)
  assert.equal(parseRa('3.5e-05', 'RA'), 3.5e-5)
  for (const text of ['14:30:00.6', '14h30m00.6s', '14h 30m 0.6s', '14 30 00.6', ' 14  30 0.6 '])
    assert.equal(parseRa(text, 'RA'), 217.5025)
  assert.ok(Math.abs(parseRa('23:59:59.999', 'RA') - 359.99999583) < 1e-7)
})

test('a declination is in degrees, or in degrees, minutes and seconds', () => {
  assert.equal(parseDec('-5', 'DEC'), -5)
  assert.equal(parseDec('\u221212.3', 'DEC'), -12.3)
  for (const text of ['-05:12:36', '-05d12m36s', '-05 12 36', '\u22125° 12′ 36″', `-5d12'36.0"`])
    assert.equal(parseDec(text, 'DEC'), -5.21)
  assert.equal(parseDec('+90:00:00', 'DEC'), 90)
})

test('a declination between 0 and -1 degree is negative', () => {
  assert.equal(parseDec('-00:30:00', 'DEC'), -0.5)
  assert.equal(parseDec('\u22120 30 00', 'DEC'), -0.5)
  assert.equal(parseDec('-.5', 'DEC'), -0.5)
  assert.ok(Object.is(parseDec('-00:00:00', 'DEC'), 0))
})

test('a malformed position is rejected with examples', () => {
  for (const text of [
    'abc',
    '',
    '14:30',
    '14:60:00',
    '14:30:60',
    '14:30 00',
    '14d30m00s',
    '1h2m3',
    '0x10',
    'NaN',
    '1,5',
  ])
    assert.throws(() => parseRa(text, 'RA'), {
      message: `RA is '${text}': expected degrees such as 217.5, or hours such as 14:30:00`,
    })
  for (const text of ['north', '', '--5', '5:00:60', '5h12m33s', '- 5', 'Infinity'])
    assert.throws(() => parseDec(text, 'DEC'), {
      message: `DEC is '${text}': expected degrees such as -5.21 or -05:12:36`,
    })
})

test('a position out of range is rejected', () => {
  for (const text of ['360', '-0.1', '24:00:00', '-00:00:01', '400'])
    assert.throws(() => parseRa(text, 'RA'), {
      message: `RA is '${text}': expected at least 0, and less than 360 degrees or 24 hours`,
    })
  for (const text of ['90.001', '-91', '90:00:01', '-90:00:00.1'])
    assert.throws(() => parseDec(text, 'DEC'), { message: `DEC is '${text}': expected degrees from -90 to 90` })
})

test('a radius is in arcsec, up to a degree', () => {
  assert.equal(parseRadius('2.5', 'RADIUS'), 2.5)
  assert.equal(parseRadius('3600', 'RADIUS'), 3600)
  for (const text of ['0', '-1', '3600.1', '', '5"', 'Infinity'])
    assert.throws(() => parseRadius(text, 'RADIUS'), {
      message: `RADIUS is '${text}': expected arcsec such as 2.5, more than 0 and at most 3600`,
    })
})

test('separations are exact from micro-arcseconds to 180 degrees', () => {
  const close = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-10 + 1e-14 * expected, `${actual}: expected ${expected}`)
  const arcsec = 1 / 3600
  close(separation({ ra: 10, dec: 20 }, { ra: 10, dec: 20 }), 0)
  close(separation({ ra: 10, dec: 0 }, { ra: 10, dec: 1e-6 * arcsec }), 1e-6)
  close(separation({ ra: 359.9999, dec: 0 }, { ra: 0.0001, dec: 0 }), 0.72)
  close(separation({ ra: 0, dec: 60 }, { ra: 180, dec: 60 }), 60 * 3600)
  close(separation({ ra: 30, dec: 89.5 }, { ra: 210, dec: 89.5 }), 3600)
  close(separation({ ra: 0, dec: 0 }, { ra: 90, dec: 0 }), 90 * 3600)
  close(separation({ ra: 45, dec: 30 }, { ra: 225, dec: -30 }), 180 * 3600)
  close(separation({ ra: 0, dec: 0 }, { ra: 180, dec: arcsec }), 180 * 3600 - 1)
})
