import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { createTable, type StructColumn } from '../../lib/parquet/columns.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { padded } from '../support/columns-reader.ts'
import { schemaOf } from '../support/raw-packet.ts'
import { writtenSchema } from '../support/schema-variants.ts'
import { Target } from '../support/target.ts'

test('adds a column for an unknown field, at every depth, and reports it once', () => {
  const extra = {
    alert: [{ name: 'host', type: { type: 'record', name: 'host', fields: [{ name: 'z', type: 'double' }] } }],
    candidate: [{ name: 'odd', type: ['null', 'boolean'] }],
    prv_candidate: [{ name: 'tags', type: { type: 'array', items: 'string' } }],
  }
  const schema = writtenSchema({ version: '4.02', style: 'go', extra }).text
  const before = schemaText({ version: '4.02', style: 'go' })
  const target = new Target(alertColumns())
  const alerts = [before, schema, before, schema].map((text, index) => {
    const random = new Random(index)
    const values = makeAlert(parseSchema(text).shape, { night: '20231201', index, random, version: '4.02' })
    target.decode(text, encodeRecord(text, values))
    return values
  })
  assert.deepEqual(target.newColumns.sort(), ['candidate.odd', 'host', 'host.z', 'prv_candidates.tags'])
  for (const [row, values] of alerts.entries()) assert.deepEqual(target.value(row), padded(target.columns, values))
  assert.equal(target.rows, 4)
})

test('adds a column named by field and type if the type of a field has changed', () => {
  const [old, changed] = [
    [
      { name: 'n', type: 'int' },
      { name: 'same', type: ['null', 'float'] },
      { name: 'list', type: { type: 'array', items: 'long' } },
      { name: 'inner', type: { type: 'record', name: 'r', fields: [{ name: 'x', type: 'float' }] } },
    ],
    [
      { name: 'n', type: ['null', 'long'] },
      { name: 'same', type: ['float', 'null'] },
      { name: 'list', type: { type: 'array', items: 'string' } },
      { name: 'inner', type: { type: 'record', name: 'r', fields: [{ name: 'x', type: 'double' }] } },
    ],
  ].map(schemaOf) as [string, string]
  const target = new Target(createTable())
  target.decode(old, encodeRecord(old, { n: 5, same: 1.5, list: [1n, 2n], inner: { x: 0.5 } }))
  target.newColumns.length = 0
  target.decode(changed, encodeRecord(changed, { n: 2n ** 60n, same: 2.5, list: ['a'], inner: { x: 0.1 } }))
  target.decode(old, encodeRecord(old, { n: 6, same: 3.5, list: [], inner: { x: 1 } }))
  assert.deepEqual(target.newColumns, ['n_long', 'list_array', 'inner.x_double'])
  const nulls = { n: null, same: null, list: null, n_long: null, list_array: null }
  assert.deepEqual(
    [0, 1, 2].map(row => target.value(row)),
    [
      { ...nulls, n: 5, same: 1.5, list: [1n, 2n], inner: { x: 0.5, x_double: null } },
      { ...nulls, n_long: 2n ** 60n, same: 2.5, list_array: ['a'], inner: { x: null, x_double: 0.1 } },
      { ...nulls, n: 6, same: 3.5, list: [], inner: { x: 1, x_double: null } },
    ],
  )
})

test('rejects fields that would share a column, and adds none', () => {
  const fields = [
    [
      { name: 'magpsf', type: 'double' },
      { name: 'magpsf_double', type: 'double' },
    ],
    [
      { name: 'magpsf_record', type: 'int' },
      { name: 'magpsf', type: { type: 'record', name: 'r', fields: [{ name: 'a', type: 'int' }] } },
    ],
    [
      { name: 'new', type: 'int' },
      { name: 'NEW', type: 'int' },
    ],
    [{ name: 'Year', type: 'int' }],
    [{ name: 'new', type: { type: 'record', name: 'r', fields: [] } }],
  ]
  for (const clashing of fields) {
    const columns = alertColumns().children.get('candidate') as StructColumn
    const before = [...columns.children.keys()]
    assert.throws(() => new Target(columns).decode(schemaOf(clashing), Buffer.alloc(40)), CorruptPacketError)
    assert.deepEqual([...columns.children.keys()], before)
  }
})
