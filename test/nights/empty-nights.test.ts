import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyClause } from '../../lib/nights/empty-nights.ts'
import { parseSelection } from '../../lib/selection.ts'
import { listedNight } from '../support/night-files.ts'

const LISTING = [
  listedNight('20200428'),
  ...['20200429', '20200430', '20200501', '20200502'].map(night => listedNight(night, { bytes: 74, kind: 'empty' })),
]

for (const [nights, expected] of [
  ['20200429', '20200429 is listed without alerts'],
  ['20200429..20200430,20210101', '2 nights are listed without alerts (20200429, 20200430)'],
  ['20200429..20200502', '4 nights are listed without alerts (20200429, 20200430, 20200501 and 1 more)'],
  ['20200428..20200429', undefined],
  ['20210101', undefined],
] as const)
  test(`of NIGHTS=${nights}, ${expected ?? 'not all are empty'}`, () => {
    assert.equal(emptyClause(LISTING, parseSelection(nights)), expected)
  })
