import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  candidDates,
  dateAt,
  datesBetween,
  isOwnFile,
  nightOfStem,
  parquetName,
  parseNight,
  partition,
} from '../lib/night.ts'

test('derives all properties of a night from its name', () => {
  const night = parseNight('ztf_public_20191003_programid3.tar.gz') ?? assert.fail()
  assert.deepEqual(night, {
    name: 'ztf_public_20191003_programid3.tar.gz',
    stem: 'ztf_public_20191003_programid3',
    date: '20191003',
    kind: 'programid3',
  })
  assert.equal(partition(night), 'year=2019/month=10/day=03')
  assert.equal(
    parquetName(night, '0123456789abcdef0123456789abcdef', 12),
    'ztf_public_20191003_programid3-01234567-0012.parquet',
  )
  assert.deepEqual(nightOfStem(night.stem), night)
  assert.equal(parseNight('ztf_public_20200229.tar.gz')?.kind, 'night')
})

test('rejects names that are not exactly those of a night', () => {
  for (const name of [
    'ztf_public_20190229.tar.gz',
    'ztf_public_20191301.tar.gz',
    'ztf_public_20190100.tar.gz',
    'ztf_public_20190101.tar',
    'ztf_public_20190101.tar.gz.part',
    'ztf_public_20190101.tar.1.gz',
    'ztf_public_20190101_programid1.tar.gz',
    'ztf_public_2019101.tar.gz',
    'Ztf_public_20190101.tar.gz',
    '../ztf_public_20190101.tar.gz',
    'ztf_public_20190101.tar.gz\n',
    'MD5SUMS',
    '',
  ])
    assert.equal(parseNight(name), undefined, name)
})

test('enumerates dates across months and leap years, both ends included', () => {
  assert.deepEqual(
    [...datesBetween('20200227', '20200302')],
    ['20200227', '20200228', '20200229', '20200301', '20200302'],
  )
  assert.deepEqual([...datesBetween('20181231', '20190101')], ['20181231', '20190101'])
  assert.deepEqual([...datesBetween('', '')], [])
})

test('formats a timestamp as a UTC date', () => {
  assert.deepEqual([dateAt(0), dateAt(Date.UTC(2020, 1, 29, 23, 59))], ['19700101', '20200229'])
})

test('distinguishes the files of two tarballs of the same date', () => {
  const nights = ['ztf_public_20191003', 'ztf_public_20191003_programid3'].flatMap(stem => nightOfStem(stem) ?? [])
  const names = nights.map(night => parquetName(night, '0'.repeat(32), 0))
  assert.deepEqual(
    nights.map(night => names.map(name => isOwnFile(night, name))),
    [
      [true, false],
      [false, true],
    ],
  )
})

test('a candid of 18 or 19 digits starts with its night', () => {
  assert.deepEqual(candidDates(516401800615015114n), ['20180601', '20180602', '20180531'])
  assert.deepEqual(candidDates(2475433850315015009n), ['20231012', '20231013', '20231011'])
  assert.deepEqual(candidDates(1000000000000000000n)[0], '20190928')
  assert.deepEqual(candidDates(999999999999999999n)[0], '20190927')
})
