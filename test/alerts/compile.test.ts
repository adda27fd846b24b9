import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ColumnRegistry, KnownColumns } from '../../lib/alerts/column-names.ts'
import { alertColumns, compile } from '../../lib/alerts/compile.ts'
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

test('appends the type again as long as the name is taken, in whatever case, or reserved', () => {
  const registry = new KnownColumns([
    { path: 'COLOUR', type: 'Utf8' },
    { path: 'colour_double', type: 'Int32' },
    { path: 'size', type: 'list of Utf8' },
    { path: 'host', type: 'Int64' },
    { path: 'host_record.z', type: 'Utf8' },
  ])
  const host = { type: 'record', name: 'r', fields: [{ name: 'z', type: 'float' }] }
  const cases: [fields: { name: string; type: unknown }[], columns: string[]][] = [
    [[{ name: 'colour', type: 'double' }], ['colour_double_double']],
    [[{ name: 'COLOUR', type: ['null', 'string'] }], ['COLOUR']],
    [[{ name: 'size', type: { type: 'array', items: 'string' } }], ['size']],
    [[{ name: 'size', type: { type: 'array', items: 'int' } }], ['size_array']],
    [[{ name: 'host', type: host }], ['host_record', 'host_record.z_float']],
    [
      [
        { name: 'new', type: 'int' },
        { name: 'NEW', type: 'int' },
        { name: 'New', type: 'string' },
      ],
      ['new', 'NEW_int', 'New_string'],
    ],
    [[{ name: 'Year', type: 'int' }], ['Year_int']],
    [[{ name: 'filename', type: 'string' }], ['filename_string']],
    [[{ name: 'magpsf', type: 'string' }], ['magpsf']],
    [[{ name: 'candid', type: 'string' }], ['candid_string']],
    [[{ name: 'CANDID', type: 'long' }], ['CANDID_long']],
  ]
  for (const [fields, columns] of cases) {
    const { added } = compile(schemaOf(fields), alertColumns(), 10, registry)
    assert.deepEqual(added, columns)
  }
})

test('chooses a name again if another conversion has claimed the column in the meantime', () => {
  const registry = new KnownColumns()
  let claims = 0
  const contended: ColumnRegistry = {
    find: path => registry.find(path),
    claim: columns => {
      if (claims++ === 0) registry.claim([{ path: 'Colour', type: 'Utf8' }])
      return registry.claim(columns)
    },
  }
  const table = alertColumns()
  const before = [...table.children.keys()]
  const { added, addedColumns } = compile(schemaOf([{ name: 'colour', type: 'int' }]), table, 1, contended)
  assert.deepEqual([added, addedColumns, claims], [['colour_int'], 1, 2])
  assert.deepEqual([...table.children.keys()], [...before, 'colour_int'])
})

test('rejects fields that would share a column, and adds none', () => {
  const fields = [
    [
      { name: 'magpsf', type: 'double' },
      { name: 'magpsf_double', type: 'double' },
    ],
    [{ name: 'new', type: { type: 'record', name: 'r', fields: [] } }],
  ]
  for (const clashing of fields) {
    const columns = alertColumns().children.get('candidate') as StructColumn
    const before = [...columns.children.keys()]
    assert.throws(() => new Target(columns).decode(schemaOf(clashing), Buffer.alloc(40)), CorruptPacketError)
    assert.deepEqual([...columns.children.keys()], before)
  }
})
