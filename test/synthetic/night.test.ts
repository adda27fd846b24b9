import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { wrongMarker } from '../../lib/synthetic/damage.ts'
import { emptyNight, makeNight, readableAlerts, type SyntheticNight } from '../../lib/synthetic/night.ts'

test('makes the same night from the same seed only', () => {
  const options = { night: '20190801', alerts: 5, stamps: 'real' } as const
  const first = makeNight({ ...options, seed: 7 }).bytes
  assert.ok(first.equals(makeNight({ ...options, seed: 7 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 8 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 7, kind: 'programid3' }).bytes))
})

test('uses the schema that the archive had at the date', () => {
  const made = (night: string) => makeNight({ night, alerts: 1 }).alerts.map(alert => [alert.version, alert.style])
  assert.deepEqual(made('20180601'), [['1.8', 'python']])
  assert.deepEqual(made('20200424'), [['3.3', 'python']])
  assert.deepEqual(made('20200425'), [['3.3', 'go']])
  assert.deepEqual(made('20250101'), [['4.02', 'go']])
})

test('compresses the same tar to several gzip members', () => {
  const whole = makeNight({ night: '20200601' })
  const parts = makeNight({ night: '20200601', gzipMembers: 3 })
  assert.ok(!whole.bytes.equals(parts.bytes))
  assert.ok(gunzipSync(whole.bytes).equals(gunzipSync(parts.bytes)))
})

test('marks alerts before a cut as readable', () => {
  const cut = makeNight({ night: '20200113', cutTar: { member: 3, bytes: 5000 } })
  assert.deepEqual(indicesOfReadable(cut), [0, 1, 2])
  assert.equal(gunzipSync(cut.bytes).length % 512, 5000 % 512)
  const torn = makeNight({ night: '20200202', cutGzip: 0.5 })
  assert.throws(() => gunzipSync(torn.bytes), /unexpected end/)
  assert.ok(indicesOfReadable(torn).length > 0 && indicesOfReadable(torn).length < 10)
})

test('leaves damaged and repeated alerts out of the readable ones', () => {
  const night = makeNight({ night: '20210301', damage: { 2: wrongMarker }, duplicates: [0, 5, 2] })
  assert.equal(night.alerts.length, 13)
  assert.equal(readableAlerts(night).length, 9)
  assert.ok(readableAlerts(night).every(({ name }) => name !== night.alerts[2]?.name))
})

test('makes empty nights as small as real ones', () => {
  assert.equal(emptyNight('20180710', 'gzip').bytes.length, 44)
  assert.equal(emptyNight('20191016', 'gzip', 'programid3').bytes.length, 55)
  assert.equal(emptyNight('20200429', 'tar').bytes.length, 74)
  assert.equal(emptyNight('20260202', 'nothing').bytes.length, 0)
  assert.deepEqual(emptyNight('20210217', 'zeros').bytes, Buffer.alloc(1024))
  assert.equal(gunzipSync(emptyNight('20180710', 'gzip').bytes).length, 0)
  assert.equal(gunzipSync(emptyNight('20200429', 'tar').bytes).length, 1024)
})

function indicesOfReadable(night: SyntheticNight): number[] {
  return night.alerts.flatMap((alert, index) => (alert.readable ? [index] : []))
}
