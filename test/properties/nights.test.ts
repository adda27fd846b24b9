import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertColumns } from '../../lib/alerts/compile.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, listed } from '../support/data-folder.ts'
import { alertsOf, ask } from '../support/lake-reader.ts'
import { assertMessage } from '../support/message.ts'
import { Target } from '../support/target.ts'
import { assertReadAsOracle } from './assertions.ts'
import { forAll } from './cases.ts'
import { nights } from './nights.ts'
import { Sandbox } from './sandbox.ts'

test('converts everything intact in any tarball, or rejects it with a message', async t => {
  const sandbox = await Sandbox.open(t)
  let converted = 0
  await forAll(t, 0.05, nights, async ({ tarball, intact }) => {
    const manifest = await tryConvert(sandbox.paths, tarball)
    await sandbox.assertUntouched()
    if (!manifest) {
      assert.ok(!intact?.length, 'a night with an intact packet was rejected')
      return
    }
    converted++
    await assertConsistent(sandbox.paths, manifest)
    if (intact) await assertHoldsAll(sandbox.paths, intact)
  })
  assert.ok(converted > 0)
})

/** The manifest of the converted tarball; undefined if it was rejected with a proper message. */
async function tryConvert(paths: Paths, tarball: Buffer): Promise<Manifest | undefined> {
  try {
    const night = { name: 'ztf_public_20200101.tar.gz', bytes: tarball }
    // The archive lists it, so that it replaces the night of the previous case even if it has less.
    return await convert(paths, night, {}, listed(night))
  } catch (error) {
    assert.equal((error as Error).constructor, Error)
    assertMessage((error as Error).message)
    return undefined
  }
}

/** Asserts that the counts of the manifest add up, agree with the lake, and that all damage has a message. */
async function assertConsistent(paths: Paths, manifest: Manifest): Promise<void> {
  const { members, alerts, duplicates, damaged, damagedPackets, files, salvage } = manifest
  assert.equal(members, alerts + duplicates + damaged)
  assert.equal(damagedPackets.length, damaged)
  for (const { reason } of damagedPackets) assertMessage(reason)
  if (salvage) assertMessage(salvage)
  assert.equal(
    files.reduce((sum, file) => sum + file.alerts, 0),
    alerts,
  )
  if (alerts === 0) return
  const [counted] = await ask(paths, 'select count(*) as n, count(distinct candid) as m from read_parquet(LAKE)')
  assert.deepEqual(counted, { n: BigInt(alerts), m: BigInt(alerts) })
  assert.equal((await alertsOf(paths)).length, alerts)
}

/** Asserts that the lake has every packet's alert, with every value that avsc reads. */
async function assertHoldsAll(paths: Paths, packets: readonly Buffer[]): Promise<void> {
  const rows = new Map((await alertsOf(paths)).map(row => [row.candid, row]))
  for (const packet of packets) {
    const target = new Target(alertColumns())
    target.open(packet)
    await assertReadAsOracle(target, packet)
    const expected = target.value(0) as { candid: bigint }
    assert.deepEqual(withFieldsOf(rows.get(expected.candid), expected), expected)
  }
}

/** Drops the fields that `expected` lacks: a hostile packet of the same night may have added columns. */
function withFieldsOf(value: unknown, expected: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(expected)) return value.map((item, i) => withFieldsOf(item, expected[i]))
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value
  if (typeof expected !== 'object' || expected === null) return value
  const fields = expected as Record<string, unknown>
  const kept = Object.entries(value).filter(([name]) => Object.hasOwn(fields, name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, withFieldsOf(inner, fields[name])]))
}
