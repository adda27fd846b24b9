import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../lib/core/nearest.ts'

const NAMES = ['NIGHTS', 'DATA', 'KEEP_TARS', 'Q', 'WORKERS']

for (const [name, expected] of [
  ['NIGHT', 'NIGHTS'],
  ['nights', 'NIGHTS'],
  ['NIGTHS', 'NIGHTS'],
  ['DAT', 'DATA'],
  ['KEEPTAR', 'KEEP_TARS'],
  ['WROKERS', 'WORKERS'],
  ['GROUP', undefined],
  ['X', undefined],
  ['', undefined],
] as const)
  test(`${expected ?? 'no name'} is nearest to '${name}'`, () => {
    assert.equal(nearest(name, NAMES), expected)
  })
