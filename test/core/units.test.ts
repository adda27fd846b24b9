import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBytes, plural, shortestFloat, showBytes, showCount, showSeconds } from '../../lib/core/units.ts'
import { apacheSize } from '../../lib/synthetic/apache-size.ts'

test('parses sizes as Apache prints them and as people write them', () => {
  const sizes = { '0': 0, ' 44 ': 44, '1.0K': 1024, '767M': 767 << 20, ' 10G': 10 * 2 ** 30, '900T': 900 * 2 ** 40 }
  const written = { '1.5g': 1.5 * 2 ** 30, '9.1MiB': 9_542_042, '2KB': 2048, '7B': 7 }
  for (const [text, bytes] of Object.entries({ ...sizes, ...written })) assert.equal(parseBytes(text), bytes, text)
  for (const text of ['', '-', 'M', '1.M', '.5G', '-1K', '1 K', '1P', '1e3', 'MD5SUMS'])
    assert.equal(parseBytes(text), undefined, text)
})

test('parses a size printed by Apache to within its rounding', () => {
  for (let bytes = 1; bytes < 2 ** 44; bytes = Math.ceil(bytes * 1.37)) {
    const read = parseBytes(apacheSize(bytes)) ?? assert.fail(apacheSize(bytes))
    assert.ok(Math.abs(read - bytes) <= (bytes < 973 ? 0 : bytes * 0.051), `${bytes} became ${read}`)
  }
})

test('formats bytes in units of 1,024', () => {
  const shown = [0, 94.27, 1023, 1024, 1536, 9_541_837, 2 ** 30, 20_945_696_231_424, 2 ** 51].map(showBytes)
  assert.deepEqual(shown, [
    '0 B',
    '94 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '9.1 MiB',
    '1.0 GiB',
    '19.05 TiB',
    '2048.00 TiB',
  ])
})

test('formats counts and durations', () => {
  assert.deepEqual([0, 999, 447_123.4].map(showCount), ['0', '999', '447,123'])
  const times = [0, 8.24, 59.94, 59.96, 185.4, 3599.6, 3729, 69_840, 90_000].map(showSeconds)
  assert.deepEqual(times, ['0.0 s', '8.2 s', '59.9 s', '1 min', '3 min 5 s', '1 h', '1 h 2 min', '19 h 24 min', '25 h'])
  assert.deepEqual(
    [plural(0, 'night'), plural(1, 'night'), plural(2218, 'night')],
    ['0 nights', '1 night', '2,218 nights'],
  )
})

test('formats a 32-bit float with six digits, or more if it needs them', () => {
  const texts = ['19.267387', '0.1', '-999', '16777216', '3.4028235e+38', '1.4013e-45', '18.6164', '0']
  assert.deepEqual(
    texts.map(text => shortestFloat(Math.fround(Number(text)))),
    texts,
  )
  assert.equal(shortestFloat(Number.NaN), 'NaN')
})
