import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { expectedAlerts, expectedLake, missingDates, summarizeByYear } from '../../lib/archive/estimates.ts'
import { parseListing } from '../../lib/archive/listing.ts'
import { showBytes } from '../../lib/core/units.ts'
import { parseSelection } from '../../lib/selection.ts'
import { ADDRESS, entry, nightEntry, tableText } from '../support/archive-table.ts'
import { NO_ARCHIVE, SHARED } from '../support/shared.ts'

const MIB = 1 << 20
const LISTING = parseListing(
  tableText([
    nightEntry('20181230', 600 * MIB),
    nightEntry('20190101', 468 * MIB),
    entry('ztf_public_20190101_programid3.tar.gz', 300 * MIB),
    nightEntry('20190103', 44),
    entry('VALIDATE', 159),
  ]),
  ADDRESS,
)

test('counts nights, empty tarballs and missing dates by year and in total', () => {
  assert.deepEqual(summarizeByYear(LISTING, parseSelection('')), [
    { label: '2018', nights: 1, empty: 0, programid3: 0, missing: 1, bytes: 600 * MIB },
    { label: '2019', nights: 3, empty: 1, programid3: 1, missing: 1, bytes: 768 * MIB },
    { label: 'total', nights: 4, empty: 1, programid3: 1, missing: 2, bytes: 1368 * MIB },
  ])
})

test('counts the selected dates only', () => {
  const summary = summarizeByYear(LISTING, parseSelection('20190102..20190103'))
  assert.deepEqual(summary, [
    { label: '2019', nights: 1, empty: 1, programid3: 0, missing: 1, bytes: 0 },
    { label: 'total', nights: 1, empty: 1, programid3: 0, missing: 1, bytes: 0 },
  ])
})

test('lists the dates without a night between the first and the last one', () => {
  assert.deepEqual(missingDates(['20200302', '20200228', '20200301']), ['20200229'])
  assert.deepEqual(missingDates([]), [])
})

test('estimates alerts and the size of the lake from the size of the tarballs', () => {
  assert.deepEqual([expectedAlerts(46_800_000), expectedLake(46_800_000)], [1000, 44_000_000])
})

test('counts the real listing', { skip: NO_ARCHIVE }, async () => {
  const text = await readFile(join(SHARED, 'listing/clipboard.txt'), 'utf8')
  const { label, bytes, ...counts } = summarizeByYear(parseListing(text, ADDRESS), () => true).at(-1) ?? assert.fail()
  assert.deepEqual(counts, { nights: 2959, empty: 741, programid3: 20, missing: 17 })
  assert.equal(showBytes(bytes), '19.05 TiB')
})
