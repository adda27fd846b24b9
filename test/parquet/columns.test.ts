import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import { createTable, KEPT_BYTES, type LeafColumn } from '../../lib/parquet/columns.ts'
import { RowGroup } from '../../lib/parquet/row-group.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { randomValue } from '../../lib/synthetic/random-value.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { randomSchema } from '../support/random-schema.ts'
import { SCHEMA_VARIANTS } from '../support/schema-variants.ts'
import { Target } from '../support/target.ts'

test('leaves no trace of a record that fails within a row', () => {
  const schema = schemaText({ version: '4.02', style: 'go' })
  const records = Array.from({ length: 12 }, (_, index) => {
    const random = new Random(index + 50)
    const options = { night: '20231201', index, random, version: '4.02', edges: 0.02 }
    return encodeRecord(schema, makeAlert(parseSchema(schema).shape, options))
  })
  assertNoTrace(alertColumns, schema, records, new Random(4))
})

test('leaves no trace of a record of any schema that fails within a row', () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random(seed + 500)
    const schema = randomSchema(random)
    const { shape } = parseSchema(schema)
    const records = Array.from({ length: 12 }, () =>
      encodeRecord(schema, randomValue(shape, { random, nulls: 0.3, edges: 0.2 }) as object),
    )
    assertNoTrace(createTable, schema, records, random)
  }
})

test('leaves no trace of a page in the next one, although its memory is reused', () => {
  const used = new Target(alertColumns())
  for (const [version, style] of [...SCHEMA_VARIANTS].reverse()) {
    const schema = schemaText({ version, style })
    const fresh = new Target(alertColumns())
    used.clear()
    for (let index = 0; index < 90; index++) {
      const options = { night: '20231201', index, random: new Random(index), version, edges: 0.02 }
      const record = encodeRecord(schema, makeAlert(parseSchema(schema).shape, options))
      for (const target of [used, fresh]) target.decode(schema, record)
    }
    for (let row = 0; row < 90; row++) assert.deepEqual(used.value(row), fresh.value(row))
    assert.equal(used.rows, 90)
  }
})

for (const codec of ['none', 'snappy'] as const)
  test(`gives back the memory of a large value after its page: codec ${codec}`, () => {
    const { leaf, rowGroup } = oneColumn(codec)
    addValue(leaf, 30 << 20)
    assert.ok(leaf.bytes.length > 30 << 20)
    rowGroup.end()
    assert.equal(leaf.length, 0)
    assert.ok(leaf.bytes.length <= KEPT_BYTES, `${leaf.bytes.length} bytes`)
  })

test('gives back the memory of a large value that is removed again, and keeps the values before it', () => {
  const { leaf, rowGroup } = oneColumn('none')
  addValue(leaf, 1000)
  rowGroup.begin()
  addValue(leaf, 30 << 20)
  rowGroup.undo()
  assert.equal(leaf.length, 1004)
  assert.ok(leaf.bytes.length <= KEPT_BYTES, `${leaf.bytes.length} bytes`)
  assert.ok(leaf.bytes.subarray(4, 1004).every(byte => byte === 7))
  assert.equal(leaf.entries.count, 1)
})

/** Decodes records, each after 25 that are cut, and asserts that the rows are the same as without those. */
function assertNoTrace(columns: typeof createTable, schema: string, records: readonly Buffer[], random: Random): void {
  const clean = new Target(columns())
  const target = new Target(columns())
  for (const record of records) {
    for (let i = 0; i < 25; i++) {
      // Cut another record, because its nulls and lists are in other places.
      const other = random.pick(records)
      const cut = other.subarray(0, random.int(0, other.length - 1))
      assert.throws(() => target.decode(schema, cut), CorruptPacketError)
    }
    for (const each of [clean, target]) each.decode(schema, record)
  }
  for (let row = 0; row < records.length; row++) assert.deepEqual(target.value(row), clean.value(row))
  assert.deepEqual([target.rows, target.value(target.rows)], [12, undefined])
}

function oneColumn(codec: Codec): { leaf: LeafColumn; rowGroup: RowGroup } {
  const table = createTable()
  const leaf = table.add('text', 'string') as LeafColumn
  return { leaf, rowGroup: new RowGroup(table, codec, { pageRanges: new Set(), bloomFilters: new Set() }) }
}

function addValue(leaf: LeafColumn, size: number): void {
  const start = leaf.appendSized(size)
  leaf.bytes.fill(7, start, start + size)
  leaf.setDefined(leaf.entries.add(0))
}
