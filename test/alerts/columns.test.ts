import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BytesColumn } from '../../lib/alerts/columns.ts'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { valueAt } from '../support/columns-reader.ts'
import { SCHEMA_VARIANTS } from '../support/schema-variants.ts'
import { Target } from '../support/target.ts'

test('leaves no trace of a record that fails within a row', () => {
  const schema = schemaText({ version: '4.02', style: 'go' })
  const records = Array.from({ length: 12 }, (_, index) => {
    const random = new Random(index + 50)
    const options = { night: '20231201', index, random, version: '4.02', edges: 0.02 }
    return encodeRecord(schema, makeAlert(parseSchema(schema).shape, options))
  })
  const clean = new Target(alertColumns())
  for (const record of records) clean.decode(schema, record)

  const random = new Random(4)
  const target = new Target(alertColumns())
  for (const record of records) {
    for (let i = 0; i < 25; i++) {
      const cut = record.subarray(0, random.int(0, record.length - 1))
      assert.throws(() => target.decode(schema, cut), CorruptPacketError)
      target.columns.truncate(target.rows)
    }
    target.decode(schema, record)
  }
  for (let row = 0; row < records.length; row++)
    assert.deepEqual(valueAt(target.columns, row), valueAt(clean.columns, row))
  assert.deepEqual([target.rows, valueAt(target.columns, target.rows)], [12, null])
})

test('leaves no trace of a batch in the next one, although its memory is reused', () => {
  const used = new Target(alertColumns())
  for (const [version, style] of [...SCHEMA_VARIANTS].reverse()) {
    const schema = schemaText({ version, style })
    const fresh = new Target(alertColumns())
    used.truncate(0)
    for (let index = 0; index < 90; index++) {
      const options = { night: '20231201', index, random: new Random(index), version, edges: 0.02 }
      const record = encodeRecord(schema, makeAlert(parseSchema(schema).shape, options))
      for (const target of [used, fresh]) target.decode(schema, record)
    }
    for (let row = 0; row < 90; row++) assert.deepEqual(valueAt(used.columns, row), valueAt(fresh.columns, row))
    assert.equal(used.rows, 90)
  }
})

test('gives back the memory of a large value once a batch no longer needs it', () => {
  const column = new BytesColumn('bytes')
  column.allocate(0, 30 << 20)
  column.truncate(0)
  assert.equal(column.bytes.length, 30 << 20)
  column.allocate(0, 1000)
  column.truncate(0)
  assert.equal(column.bytes.length, 1 << 20)
})
