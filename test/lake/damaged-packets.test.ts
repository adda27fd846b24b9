import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Member } from '../../lib/alerts/tar.ts'
import { listNames } from '../../lib/core/files.ts'
import { DamagedPackets } from '../../lib/lake/damaged-packets.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { LIMITS } from '../../lib/limits.ts'
import * as damage from '../support/damage.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { assertAlerts } from '../support/lake-reader.ts'
import { makeNight, type NightOptions } from '../support/night.ts'
import { hash, packetsOf } from '../support/tarballs.ts'

test('saves damaged packets unchanged, with reasons, and converts the others', async t => {
  const paths = await dataFolder(t)
  const options: NightOptions = { night: '20200307', alerts: 14 }
  const damages = Object.values<damage.Damage>({ ...damage })
  const night = makeNight({ ...options, damage: Object.fromEntries(damages.map((damage, i) => [i + 2, damage])) })
  const manifest = await convert(paths, night)
  await assertAlerts(paths, night, 4)
  const damaged = night.alerts.filter(({ readable }) => !readable)
  assert.equal(damaged.length, 10)
  assert.deepEqual([manifest.state, manifest.members, manifest.damaged], ['whole', 14, 10])
  assert.deepEqual(
    manifest.damagedPackets.map(({ member }) => member),
    damaged.map(({ name }) => name),
  )
  const folder = paths.badPackets(nightOf(night.name))
  const kept = manifest.damagedPackets.map(({ kept }) => kept?.name ?? '')
  assert.deepEqual((await readdir(folder)).sort(), kept.toSorted())
  const packets = packetsOf(makeNight(options))
  for (const [i, { reason, kept }] of manifest.damagedPackets.entries()) {
    assert.match(reason, /^[^\n]{10,200}$/)
    const expected = (damages[i] as damage.Damage)(packets[i + 2] as Buffer)
    assert.ok((await readFile(join(folder, kept?.name ?? ''))).equals(expected))
  }
})

test('refuses a night of which no packet can be read, with the reason', async t => {
  const paths = await dataFolder(t)
  const night = makeNight({ night: '20200307', alerts: 2, damage: { 0: damage.wiped, 1: damage.emptied } })
  await assert.rejects(convert(paths, night), /^Error: none of its 2 packets can be read \(\d+\.avro: [^\n]+\)$/)
  assert.equal(await readManifest(paths, nightOf(night.name)), undefined)
  assert.equal(existsSync(paths.badPackets(nightOf(night.name))), false)
})

const NIGHT = nightOf('ztf_public_20200307.tar.gz')

test('saves a packet with its size and SHA-256, and publishes it last', async t => {
  const paths = await dataFolder(t)
  const damaged = new DamagedPackets(paths, NIGHT)
  await damaged.keep(member('folder/1.avro'), 'it has no candid')
  assert.equal(existsSync(paths.badPackets(NIGHT)), false)
  await damaged.publish()
  await damaged.discard()
  const kept = { name: '1-1.avro', bytes: 6, sha256: hash('sha256', Buffer.from('packet')) }
  assert.deepEqual(damaged.packets, [{ member: 'folder/1.avro', reason: 'it has no candid', kept }])
  assert.equal(await readFile(join(paths.badPackets(NIGHT), '1-1.avro'), 'utf8'), 'packet')
})

test('saves packets under safe names, whatever the members’ names', async t => {
  const paths = await dataFolder(t)
  const damaged = new DamagedPackets(paths, NIGHT)
  for (const name of ['../../etc/passwd', 'a b\n*.avro', '..', 'x'.repeat(300)])
    await damaged.keep(member(name), 'reason')
  await damaged.publish()
  const names = await readdir(paths.badPackets(NIGHT))
  assert.deepEqual(names.sort(), ['1-passwd', '2-a_b__.avro', '3-..', `4-${'x'.repeat(100)}`])
  assert.deepEqual(await readdir(paths.bad), [NIGHT.stem])
})

test('replaces the packets of the former conversion, and removes them if none is left', async t => {
  const paths = await dataFolder(t)
  for (const [names, published] of [
    [
      ['1.avro', '2.avro'],
      ['1-1.avro', '2-2.avro'],
    ],
    [['3.avro'], ['1-3.avro']],
    [[], []],
  ] as const) {
    const damaged = new DamagedPackets(paths, NIGHT)
    for (const name of names) await damaged.keep(member(name), 'reason')
    await damaged.publish()
    assert.deepEqual((await listNames(paths.badPackets(NIGHT))).sort(), published)
  }
})

test('removes packets of a conversion that fails', async t => {
  const paths = await dataFolder(t)
  const damaged = new DamagedPackets(paths, NIGHT)
  await damaged.keep(member('1.avro'), 'reason')
  await damaged.discard()
  assert.deepEqual(await readdir(paths.bad), [])
})

test('records an oversize member without saving it', async t => {
  const paths = await dataFolder(t)
  const damaged = new DamagedPackets(paths, NIGHT)
  await damaged.keep({ ...member('huge.avro'), size: 2 ** 40, oversize: true }, 'it is large')
  await damaged.publish()
  assert.deepEqual(damaged.packets, [{ member: 'huge.avro', reason: 'it is large; too large to be kept' }])
  assert.equal(existsSync(paths.bad), false)
})

test('fails a night with more bytes of damaged packets than any real night', async t => {
  const damaged = new DamagedPackets(await dataFolder(t), NIGHT)
  const huge = { ...member('1.avro'), size: LIMITS.damagedBytes + 1 }
  await assert.rejects(
    damaged.keep(huge, 'it is cut'),
    /^Error: more than 0 packets are damaged, the last because it is cut: /,
  )
})

function member(name: string): Member {
  const bytes = Buffer.from('a packet of a tar')
  return { name, bytes, start: 2, size: 6, oversize: false }
}
