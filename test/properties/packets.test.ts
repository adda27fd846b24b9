import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { createTable } from '../../lib/parquet/columns.ts'
import { rawPacket } from '../support/raw-packet.ts'
import { Target } from '../support/target.ts'
import { accepts, assertReadAsOracle } from './assertions.ts'
import { fc, forAll } from './cases.ts'
import { hostile, intact } from './packets.ts'
import { EXPLODING, FIELD_NAMES } from './schemas.ts'

test('reads any packet as avsc does, or rejects it with a message', async t => {
  await forAll(t, 0.4, fc.oneof(hostile, intact), async ({ bytes }) => {
    const target = new Target(createTable())
    if (accepts(target, bytes)) await assertReadAsOracle(target, bytes)
  })
})

test('reads intact packets correctly among hostile ones', async t => {
  const packets = fc.array(fc.oneof(hostile, hostile, intact), { minLength: 2, maxLength: 8 })
  await forAll(t, 0.2, packets, async cases => {
    const target = new Target(alertColumns())
    for (const { bytes, intact } of cases) {
      const accepted = accepts(target, bytes)
      if (intact) assert.ok(accepted, 'an intact packet was rejected')
      if (intact) await assertReadAsOracle(target, bytes)
    }
  })
})

for (const [description, schema] of Object.entries(EXPLODING))
  test(`rejects a schema that expands without limit, and adds no column: ${description}`, () => {
    const target = new Target(alertColumns())
    const before = [...target.columns.children.keys()]
    assert.ok(!accepts(target, rawPacket(schema, Buffer.alloc(300))))
    assert.deepEqual([...target.columns.children.keys()], before)
  })

test('reads a field of any name as avsc does, or rejects it', async () => {
  let rejected = 0
  for (const name of FIELD_NAMES) {
    const fields = [
      { name: 'candid', type: 'long' },
      { name, type: 'int' },
    ]
    const packet = rawPacket(JSON.stringify({ type: 'record', name: 'alert', fields }), Buffer.from([8, 14]))
    const target = new Target(createTable())
    if (accepts(target, packet)) await assertReadAsOracle(target, packet)
    else rejected++
  }
  assert.equal(rejected, 17)
})
