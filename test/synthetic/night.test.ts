import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { emptyNight, makeNight } from '../../lib/synthetic/night.ts'
import { oracleRead } from '../support/oracle.ts'

test('makes the same night from the same seed only', () => {
  const options = { night: '20190801', alerts: 5, stamps: 'real' } as const
  const first = makeNight({ ...options, seed: 7 }).bytes
  assert.ok(first.equals(makeNight({ ...options, seed: 7 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 8 }).bytes))
  assert.ok(!first.equals(makeNight({ ...options, seed: 7, kind: 'programid3' }).bytes))
})

for (const [night, version, style] of [
  ['20180601', '1.8', 'python'],
  ['20200424', '3.3', 'python'],
  ['20200425', '3.3', 'go'],
  ['20250101', '4.02', 'go'],
] as const)
  test(`uses the schema that the archive had at the date: ${version}, ${style}`, async () => {
    const [{ packet } = assert.fail()] = makeNight({ night, alerts: 1 }).alerts
    const text = packet.toString('latin1', packet.indexOf('{'), packet.lastIndexOf('}') + 1)
    assert.equal(packet.includes('gogenavromagic10'), style === 'go')
    assert.ok(text.includes(`"version":${style === 'go' ? '' : ' '}"${version}"`))
    assert.ok(await oracleRead(packet))
  })

test('makes a night without alerts as small as a real one', () => {
  const { name, bytes } = emptyNight('20200429')
  assert.deepEqual([name, bytes.length], ['ztf_public_20200429.tar.gz', 74])
  assert.deepEqual(gunzipSync(bytes), Buffer.alloc(1024))
})
