import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nightFaults } from '../../lib/lake/check-night.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { LIMITS } from '../../lib/limits.ts'
import * as damage from '../support/damage.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { assertAlerts, candids } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { membersOf, type PackedMember, repacked } from '../support/tarballs.ts'

const OPTIONS = { night: '20210301', alerts: 6 }
const NIGHT = makeNight(OPTIONS)
/** Alerts with the candids of NIGHT and other content. */
const OTHER = membersOf(makeNight({ ...OPTIONS, edit: values => ({ ...values, objectId: 'ZTF99zzzzzzz' }) }))
const MEMBERS = membersOf(NIGHT)

test('keeps an alert that differs from an earlier one with its candid, and leaves out identical ones', async t => {
  const paths = await dataFolder(t)
  const second = { ...at(OTHER, 3), name: 'second.avro' }
  // A damaged packet before them has no candid, and alerts without a duplicate are not compared.
  const damaged = { name: 'damaged.avro', bytes: damage.wiped(at(MEMBERS, 1).bytes) }
  const members = [damaged, ...MEMBERS, at(MEMBERS, 0), second, at(MEMBERS, 3), at(OTHER, 5)]
  const manifest = await convert(paths, repacked(NIGHT, members), { alertsPerFile: 2 })
  await assertAlerts(paths, NIGHT, 6)
  const { candid } = NIGHT.alerts[3]?.values ?? assert.fail()
  const counts = [manifest.state, manifest.members, manifest.alerts, manifest.duplicates, manifest.damaged]
  assert.deepEqual(counts, ['whole', 11, 6, 2, 3])
  assert.deepEqual(
    manifest.duplicateCandids,
    [0, 3].map(i => String(NIGHT.alerts[i]?.values.candid)),
  )
  assert.deepEqual(
    manifest.damagedPackets.map(({ member }) => member),
    ['damaged.avro', 'second.avro', at(OTHER, 5).name],
  )
  assert.equal(manifest.damagedPackets[1]?.reason, `it differs from an earlier alert with the candid ${candid}`)
  const folder = paths.badPackets(nightOf(NIGHT.name))
  assert.equal((await readdir(folder)).length, 3)
  assert.ok((await readFile(join(folder, '2-second.avro'))).equals(second.bytes))
  assert.deepEqual(await nightFaults(paths, nightOf(NIGHT.name), manifest), [])
})

test('compares the duplicates of a cut tarball up to the cut', async t => {
  const paths = await dataFolder(t)
  const members = [
    ...MEMBERS,
    ...OTHER.slice(0, 3),
    ...MEMBERS.map(({ name, bytes }) => ({ name: `2-${name}`, bytes })),
  ]
  const { name, bytes } = repacked(NIGHT, members)
  const manifest = await convert(paths, { name, bytes: bytes.subarray(0, bytes.length * 0.9) })
  assert.deepEqual([manifest.state, manifest.alerts, manifest.damaged], ['salvaged', 6, 3])
  assert.ok(manifest.duplicates > 0, String(manifest.duplicates))
  assert.equal((await candids(paths)).length, 6)
})

test('fails a night with more differing duplicates than any real night', async t => {
  const paths = await dataFolder(t)
  const one = at(MEMBERS, 0)
  const members = Array.from({ length: LIMITS.damagedMembers + 2 }, (_, i) => ({
    name: `${i}.avro`,
    bytes: i === 0 ? one.bytes : at(OTHER, 0).bytes,
  }))
  await assert.rejects(convert(paths, repacked(NIGHT, members)), {
    message:
      /^more than 10,000 packets are damaged, the last because it differs from an earlier alert with the candid \d+: /,
  })
  assert.deepEqual([await readManifest(paths, nightOf(NIGHT.name)), await readdir(paths.bad)], [undefined, []])
})

function at(members: readonly PackedMember[], i: number): PackedMember {
  return members[i] ?? assert.fail()
}
