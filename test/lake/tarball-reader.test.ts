import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { encodePacket } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { alertsOf, assertAlerts, candids } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { membersOf, type PackedMember, packetsOf, repacked, SCHEMAS } from '../support/tarballs.ts'

test('keeps the first of duplicate alerts, and records the others', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20210301', alerts: 5, duplicates: [3, 0, 3] })
  const manifest = await convert(paths, night)
  await assertAlerts(paths, night, 5)
  assert.deepEqual([manifest.members, manifest.alerts, manifest.duplicates], [8, 5, 3])
  assert.deepEqual(
    manifest.duplicateCandids,
    [3, 0, 3].map(i => String(night.alerts[i]?.values.candid)),
  )
})

test('leaves no values of a duplicate in the alert after it', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20231012', alerts: 24, schemas: SCHEMAS })
  const members = packetsOf(night).flatMap((bytes, i) =>
    [`${i}.avro`, `${i}-again.avro`].map(name => ({ name, bytes })),
  )
  const manifest = await convert(paths, repacked(night, members))
  await assertAlerts(paths, night, 24)
  assert.deepEqual([manifest.members, manifest.alerts, manifest.duplicates], [48, 24, 24])
})

test('recognizes duplicates across files', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20210301', alerts: 600, duplicates: [0, 299, 599] })
  const manifest = await convert(paths, night, { alertsPerFile: 200 })
  await assertAlerts(paths, night, 600)
  assert.deepEqual([manifest.members, manifest.duplicates, manifest.files.length], [603, 3, 3])
})

test('records a member too large for an alert without saving it', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200601', alerts: 2 })
  const damaged = [
    { name: 'huge.avro', bytes: Buffer.alloc((16 << 20) + 1) },
    { name: 'small.avro', bytes: Buffer.from('no packet') },
  ]
  const manifest = await convert(paths, repacked(night, [...damaged, ...membersOf(night)]))
  assert.deepEqual([manifest.alerts, manifest.damaged], [2, 2])
  assert.deepEqual(await readdir(paths.badPackets(nightOf(night.name))), ['2-small.avro'])
})

test('treats Avro records that are not alerts as damaged packets, not as duplicates', async t => {
  const paths = await dataFolder(t)
  const schema = JSON.stringify({ type: 'record', name: 'other', fields: [{ name: 'text', type: 'string' }] })
  const other = encodePacket({ text: 'not an alert' }, { schema, style: 'go', random: new Random(1) })
  const night = makeNight({ night: '20200601', alerts: 3 })
  const [first, second] = ['first.avro', 'second.avro'].map(name => ({ name, bytes: other })) as [
    PackedMember,
    PackedMember,
  ]
  const manifest = await convert(paths, repacked(night, [first, ...membersOf(night), second]))
  assert.deepEqual([manifest.alerts, manifest.duplicates, manifest.damaged], [3, 0, 2])
  assert.deepEqual(
    manifest.damagedPackets.map(({ member }) => member),
    ['first.avro', 'second.avro'],
  )
  assert.deepEqual(
    await candids(paths),
    night.alerts.map(({ values }) => values.candid),
  )
})

test('begins a new file at a field that first appears within a night', async t => {
  const paths = await dataFolder(t)
  const extra = { alert: [{ name: 'brightness', type: ['null', 'double'], default: null }] }
  // So many alerts that pages have been encoded before the field appears.
  const early = makeNight({ night: '20260601', alerts: 600 })
  const late = makeNight({ night: '20260602', alerts: 40, schemas: [{ version: '4.02', style: 'go', extra }] })
  const members = [early, late].flatMap(night => packetsOf(night).map((bytes, i) => ({ name: `${i}.avro`, bytes })))
  const manifest = await convert(paths, repacked(early, members))
  assert.deepEqual(manifest.newColumns, ['brightness'])
  assert.deepEqual([manifest.alerts, manifest.files.length], [640, 2])
  const rows = await alertsOf(paths)
  const count = (values: unknown[]) => values.filter(value => value !== null).length
  assert.equal(rows.length, 640)
  assert.equal(count(rows.map(row => row.brightness)), count(late.alerts.map(({ values }) => values.brightness)))
})
