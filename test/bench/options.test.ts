import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BENCH_ROWS, parseBench } from '../../lib/bench/options.ts'

test('without BENCH, all benchmarks except memory and reading run', () => {
  const expected = { alerts: 96_000, rows: BENCH_ROWS.filter(row => row !== 'memory' && row !== 'reading') }
  assert.deepEqual(parseBench(undefined), expected)
  assert.deepEqual(parseBench(' '), expected)
})

test('BENCH chooses benchmarks and the alerts per night', () => {
  assert.deepEqual(parseBench('lake, inflate'), { alerts: 96_000, rows: ['inflate', 'lake'] })
  assert.deepEqual(parseBench('100000,memory'), { alerts: 100_000, rows: ['memory'] })
  assert.deepEqual(parseBench('reading,lake'), { alerts: 96_000, rows: ['lake', 'reading'] })
})

test('reading alone needs fewer alerts', () => {
  assert.deepEqual(parseBench('reading'), { alerts: 12_000, rows: ['reading'] })
  assert.deepEqual(parseBench('reading,24000'), { alerts: 24_000, rows: ['reading'] })
})

test('a malformed BENCH is refused', () => {
  for (const text of ['lakes', 'lake,2000,3000', '99', '10000000', '1e5'])
    assert.throws(
      () => parseBench(text),
      /^Error: BENCH is '.+': expected any of inflate, .+ separated by commas$/,
      text,
    )
})
