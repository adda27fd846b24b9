import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_ATTEMPTS, type QuarantineRecord } from '../../lib/archive/quarantine.ts'
import { summarize } from '../../lib/lake/summaries.ts'
import type { NightStatus } from '../../lib/nights/status.ts'
import { statusLines } from '../../lib/nights/status-table.ts'
import { Paths } from '../../lib/paths.ts'
import { listedNight, manifestOf, nightAt } from '../support/night-files.ts'

const PATHS = new Paths('data')
const NO_QUARANTINE = new Map<string, QuarantineRecord>()
const QUARANTINED = { reason: 'its MD5 is wrong', md5: '', listed: listedNight('20200101'), times: 2 }
const GIVEN_UP = { ...QUARANTINED, times: MAX_ATTEMPTS }

test('counts the nights in each state, with their alerts and bytes', () => {
  const [first, second] = [nightAt('20200103'), nightAt('20200104')]
  const nights = [
    status('20200101', { row: listedNight('20200101', { bytes: 2048 }) }),
    status('20200102', { row: listedNight('20200102', { bytes: 74, kind: 'empty' }), state: 'empty' }),
    status('20200103', {
      manifest: summarize(manifestOf(first)),
      converted: 1,
      onDisk: true,
      row: listedNight('20200103'),
    }),
    status('20200104', {
      manifest: summarize(manifestOf(second, { state: 'salvaged', salvage: 'it is cut' })),
      converted: 1,
    }),
    status('20200105', { onDisk: true, state: 'disk' }),
  ]
  const [table = ''] = statusLines(nights, urlsOf(nights), NO_QUARANTINE, PATHS)
  const cells = table.split('\n').map(line => line.trim().split(/ {2,}/))
  assert.deepEqual(
    cells.filter(([name]) => name !== 'nights').map(([name, ...rest]) => `${name}: ${rest.join(' ')}`),
    [
      'listed: 3 978.6 KiB',
      'empty: 1',
      'programid3: 0',
      'on disk: 2',
      'in the lake: 2 20 5.9 KiB',
      'salvaged: 1 10',
      'empty: 0',
      'republished: 0',
      'waiting for make lake: 1',
      'missing: 1 2.0 KiB',
      'in no URL list: 0 0 B',
      'failed: 0',
      'quarantined: 0',
      'given up: 0',
    ],
  )
})

test('counts the nights that were moved, and names where they are', () => {
  const moved = (date: string, movedTo: string) =>
    status(date, { manifest: summarize(manifestOf(nightAt(date), { movedTo })), converted: 1 })
  const here = status('20200104', { manifest: summarize(manifestOf(nightAt('20200104'))), converted: 1 })
  const [first, second, third] = [moved('20200101', '/mnt'), moved('20200102', '/mnt'), moved('20200103', 's3://ztf')]
  const [table = '', ...lines] = statusLines([first, second, third, here], new Set(), NO_QUARANTINE, PATHS)
  assert.match(table, /^in the lake +4 +40 +11\.7 KiB$/m)
  assert.match(table, /^ {2}moved +3 +30 +8\.8 KiB$/m)
  assert.deepEqual(lines, ['moved     2 nights to /mnt', 'moved     1 night to s3://ztf'])
})

test('has a line for each thing that needs attention, and names the command that does it', () => {
  const missing = ['20200101', '20200102', '20200103', '20200104'].map(date => status(date, { row: listedNight(date) }))
  const damaged = manifestOf(nightAt('20200106'), { damaged: 2, state: 'salvaged', salvage: 'the tar is cut' })
  const nights = [
    ...missing,
    status('20200105', { onDisk: true, failure: 'the disk is full' }),
    status('20200106', {
      row: listedNight('20200106'),
      manifest: summarize(damaged),
      converted: 1,
      republished: true,
    }),
    status('20200107', { broken: 'its manifest is corrupt', converted: 1 }),
  ]
  const quarantine = new Map([[nightAt('20200101').name, QUARANTINED]])
  const [, ...lines] = statusLines(nights, urlsOf(nights), quarantine, PATHS)
  assert.deepEqual(lines, [
    'kept in data/bad: 2 damaged packets',
    'salvaged  ztf_public_20200106.tar.gz: the tar is cut',
    'broken    its manifest is corrupt',
    'failed    ztf_public_20200105: the disk is full',
    'republished: ztf_public_20200106.tar.gz: make download, then make lake',
    'quarantined ztf_public_20200101.tar.gz: its MD5 is wrong (attempt 2 of 3)',
    'missing   ztf_public_20200101.tar.gz, ztf_public_20200102.tar.gz, ztf_public_20200103.tar.gz and 1 more: make download',
    'waiting   ztf_public_20200105.tar.gz: make lake',
  ])
})

test('says of a night that is in no URL list that make uris left it out, instead of calling it missing', () => {
  const [absent, republished, given] = ['20200101', '20200102', '20200103'].map(date => {
    const known = date === '20200102' ? { manifest: summarize(manifestOf(nightAt(date))), converted: 1 } : {}
    return status(date, { row: listedNight(date), republished: date === '20200102', ...known })
  })
  assert.ok(absent && republished && given)
  const quarantine = new Map([[given.night.name, GIVEN_UP]])
  const [table = '', ...lines] = statusLines([absent, republished, given], new Set(), quarantine, PATHS)
  assert.match(table, /^missing +0 +0 B$/m)
  assert.match(table, /^in no URL list +3 +2\.9 MiB$/m)
  assert.deepEqual(lines, [
    'in no URL list: ztf_public_20200101.tar.gz, ztf_public_20200102.tar.gz, ztf_public_20200103.tar.gz: ' +
      'make uris with NIGHTS and MIN_SIZE that include them',
  ])
})

test('does not ask for a night of the lake that the archive now lists without alerts', () => {
  const row = listedNight('20200101', { bytes: 44, kind: 'empty' })
  const night = status('20200101', {
    row,
    manifest: summarize(manifestOf(nightAt('20200101'))),
    converted: 1,
    republished: true,
  })
  const [table = '', ...lines] = statusLines([night], new Set(), NO_QUARANTINE, PATHS)
  assert.match(table, /^in no URL list +0 +0 B$/m)
  assert.deepEqual(lines, [])
})

test('says of a night that was given up how to try again, instead of calling it missing or republished', () => {
  const nights = [
    status('20200101', { row: listedNight('20200101') }),
    status('20200102', { row: listedNight('20200101'), converted: 1, republished: true }),
    status('20200103', { row: listedNight('20200103', { md5: 'a'.repeat(32) }) }),
  ]
  const listed = { ...QUARANTINED.listed, md5: 'b'.repeat(32) }
  const quarantine = new Map(nights.map(({ night }) => [night.name, { ...GIVEN_UP, listed }]))
  for (const { night } of nights.slice(0, 2)) quarantine.set(night.name, GIVEN_UP)
  const [table = '', ...lines] = statusLines(nights, urlsOf(nights), quarantine, PATHS)
  assert.match(table, /^missing +1 +976\.6 KiB$/m)
  assert.match(table, /^given up +2 *$/m)
  const advice = (date: string) => `to try again, delete data/bad/ztf_public_${date}.json`
  assert.deepEqual(lines, [
    'quarantined ztf_public_20200103.tar.gz: its MD5 is wrong (attempt 3 of 3)',
    `given up  ztf_public_20200101.tar.gz: its MD5 is wrong (3 attempts): ${advice('20200101')}`,
    `given up  ztf_public_20200102.tar.gz: its MD5 is wrong (3 attempts): ${advice('20200102')}`,
    'missing   ztf_public_20200103.tar.gz: make download',
  ])
})

test('does not mention the quarantined tarball of a night that has arrived since', () => {
  const quarantine = new Map([[nightAt('20200101').name, QUARANTINED]])
  const nights = [status('20200101', { row: listedNight('20200101'), onDisk: true, converted: 1 })]
  assert.equal(statusLines(nights, urlsOf(nights), quarantine, PATHS).length, 1)
})

function status(date: string, known: Partial<NightStatus>): NightStatus {
  const nothing = { row: undefined, size: undefined, manifest: undefined, broken: undefined, converted: undefined }
  const flags = { onDisk: false, republished: false, failure: undefined }
  return { night: nightAt(date), state: 'listed', ...nothing, ...flags, ...known }
}

function urlsOf(nights: readonly NightStatus[]): Set<string> {
  return new Set(nights.flatMap(({ row }) => row?.url ?? []))
}
