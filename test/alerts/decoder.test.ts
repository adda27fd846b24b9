import assert from 'node:assert/strict'
import { test } from 'node:test'
import type avsc from 'avsc'
import { BytesColumn, StructColumn } from '../../lib/alerts/columns.ts'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/damage.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { type ArrayBlocks, encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { recordType } from '../../lib/synthetic/avro-type.ts'
import { fill } from '../../lib/synthetic/filler.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { schemaText, WRITINGS } from '../../lib/synthetic/schema.ts'
import { padded, valueAt } from '../support/columns-reader.ts'
import { oracleRead, oracleType } from '../support/oracle.ts'
import { randomSchema } from '../support/random-schema.ts'
import { NO_ARCHIVE, realNights, realPackets } from '../support/shared.ts'
import { Target } from '../support/target.ts'

const ARRAYS: ArrayBlocks[] = ['plain', 'sized', 'split']

for (const [version, style] of WRITINGS)
  for (const arrays of ARRAYS)
    test(`every value of a synthetic alert is as avsc reads it: ${version}, ${style}, ${arrays} arrays`, async () => {
      const schema = schemaText({ version, style })
      const target = new Target(alertColumns())
      const oracles: [avsc.Type, unknown][] = []
      for (let index = 0; index < 130; index++) {
        const random = new Random(index)
        const values = makeAlert(recordType(schema), { night: '20231201', index, random, version, edges: 0.02 })
        const packet = encodePacket(values, { schema, style, random, arrays })
        const read = await oracleRead(packet)
        assert.ok(read)
        target.open(packet)
        oracles.push([read.type, read.value])
      }
      // Only now, so that a row which spoils an earlier one is caught.
      for (const [row, [type, value]] of oracles.entries()) target.equals(row, type, value)
      assert.deepEqual([target.rows, target.announced], [130, []])
    })

test('every value of every real alert is as avsc reads it', { skip: NO_ARCHIVE }, async () => {
  const target = new Target(alertColumns())
  const counts = { alerts: 0, damaged: 0 }
  for (const night of await realNights()) {
    const oracles: [avsc.Type, unknown][] = []
    for (const packet of await realPackets(night)) {
      const read = await oracleRead(packet)
      if (!read) {
        assert.throws(() => target.open(packet), Error)
        target.columns.truncate(target.rows)
        counts.damaged++
      } else {
        target.open(packet)
        oracles.push([read.type, read.value])
        counts.alerts++
      }
    }
    for (const [row, [type, value]] of oracles.entries()) target.equals(row, type, value)
    target.truncate(0)
  }
  assert.deepEqual(counts, { alerts: 1646, damaged: 1 })
  assert.deepEqual(target.announced, [])
})

test('every value of random schemas of all types is as avsc reads it', () => {
  const counts = { schemas: 0, values: 0 }
  const kinds = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed)
    const schema = randomSchema(random)
    const type = oracleType(schema)
    noteKinds(type, kinds)
    const target = new Target(new StructColumn())
    const values: unknown[] = []
    for (let row = 0; row < 24; row++) {
      const value = fill(recordType(schema), { random, nulls: 0.3, edges: 0.2 })
      const record = encodeRecord(schema, value as object, ARRAYS[row % ARRAYS.length])
      values.push(type.fromBuffer(record))
      target.decode(schema, record)
    }
    for (const [row, value] of values.entries()) {
      target.equals(row, type, value)
      counts.values++
    }
    counts.schemas++
  }
  assert.deepEqual(counts, { schemas: 200, values: 4800 })
  const all = 'abstract:long array boolean bytes double enum fixed float int map null record string union:wrapped'
  assert.deepEqual([...kinds].sort().join(' '), all)
})

test('maps and unions of several types are kept as the bytes that Avro wrote', () => {
  const schema = schemaOf([
    { name: 'map', type: { type: 'map', values: 'long' } },
    { name: 'union', type: ['null', 'int', 'string'] },
  ])
  const type = oracleType(schema)
  const target = new Target(new StructColumn())
  const rows = [
    { map: {}, union: null },
    { map: { a: 1n, b: -(2n ** 63n) }, union: { int: -7 } },
    { map: { '': 0n }, union: { string: 'Žluťoučký' } },
  ]
  const record = type as avsc.types.RecordType
  for (const [row, value] of rows.entries()) {
    target.decode(schema, type.toBuffer(value))
    assert.deepEqual(valueAt(target.columns, row), {
      map: record.field('map').type.toBuffer(value.map),
      union: record.field('union').type.toBuffer(value.union),
    })
  }
  assert.equal(target.rows, 3)
})

test('what has no value but null is null', () => {
  const schema = schemaOf([
    { name: 'nothing', type: 'null' },
    { name: 'some', type: 'int' },
  ])
  const target = new Target(new StructColumn())
  target.decode(schema, Buffer.from([2]))
  assert.deepEqual(valueAt(target.columns, 0), { nothing: null, some: 1 })
})

test('NaN, -0, infinities and the ends of each integer come through', () => {
  const schema = schemaOf([
    { name: 'f', type: 'float' },
    { name: 'd', type: 'double' },
    { name: 'i', type: 'int' },
    { name: 'l', type: 'long' },
  ])
  const target = new Target(new StructColumn())
  const floats = [Number.NaN, -0, 0, Infinity, -Infinity, 2 ** -149, Math.fround(3.4028234663852886e38)]
  const ints = [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1, 63, 64, -64, -65, 2 ** 27, 2 ** 28, -(2 ** 28)]
  const longs = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit)).flatMap(power => [
    BigInt.asIntN(64, power),
    BigInt.asIntN(64, power - 1n),
    BigInt.asIntN(64, -power),
    BigInt.asIntN(64, -power - 1n),
  ])
  for (const [row, l] of longs.entries()) {
    const value = { f: floats[row % floats.length], d: floats[row % floats.length], i: ints[row % ints.length], l }
    target.decode(schema, encodeRecord(schema, value))
    assert.deepEqual(valueAt(target.columns, row), value)
  }
  assert.equal(target.rows, 256)
})

test('a record that fails in mid-row leaves no trace', () => {
  const schema = schemaText({ version: '4.02', style: 'go' })
  const records = Array.from({ length: 12 }, (_, index) => {
    const random = new Random(index + 50)
    const options = { night: '20231201', index, random, version: '4.02', edges: 0.02 }
    return encodeRecord(schema, makeAlert(recordType(schema), options))
  })
  const clean = new Target(alertColumns())
  for (const record of records) clean.decode(schema, record)

  const random = new Random(4)
  const spoiled = new Target(alertColumns())
  let failures = 0
  for (const record of records) {
    for (let i = 0; i < 25; i++) {
      const cut = record.subarray(0, random.int(0, record.length - 1))
      assert.throws(() => spoiled.decode(schema, cut), /^Error: \S.*$/)
      spoiled.columns.truncate(spoiled.rows)
      failures++
    }
    spoiled.decode(schema, record)
  }
  assert.equal(failures, 300)
  for (let row = 0; row < records.length; row++)
    assert.deepEqual(valueAt(spoiled.columns, row), valueAt(clean.columns, row))
  assert.deepEqual([spoiled.rows, valueAt(spoiled.columns, spoiled.rows)], [12, null])
})

test('a batch leaves no trace in the next one, though its memory is used again', () => {
  const used = new Target(alertColumns())
  for (const [version, style] of [...WRITINGS].reverse()) {
    const schema = schemaText({ version, style })
    const fresh = new Target(alertColumns())
    used.truncate(0)
    for (let index = 0; index < 90; index++) {
      const options = { night: '20231201', index, random: new Random(index), version, edges: 0.02 }
      const record = encodeRecord(schema, makeAlert(recordType(schema), options))
      for (const target of [used, fresh]) target.decode(schema, record)
    }
    for (let row = 0; row < 90; row++) assert.deepEqual(valueAt(used.columns, row), valueAt(fresh.columns, row))
    assert.equal(used.rows, 90)
  }
})

test('a field that the lake does not know gets a column, at every depth, and is announced once', () => {
  const extra = {
    alert: [{ name: 'host', type: { type: 'record', name: 'host', fields: [{ name: 'z', type: 'double' }] } }],
    candidate: [{ name: 'odd', type: ['null', 'boolean'] }],
    prv_candidate: [{ name: 'tags', type: { type: 'array', items: 'string' } }],
  }
  const schema = schemaText({ version: '4.02', style: 'go', extra })
  const before = schemaText({ version: '4.02', style: 'go' })
  const target = new Target(alertColumns())
  const alerts = [before, schema, before, schema].map((text, index) => {
    const random = new Random(index)
    const values = makeAlert(recordType(text), { night: '20231201', index, random, version: '4.02' })
    target.decode(text, encodeRecord(text, values))
    return values
  })
  assert.deepEqual(target.announced.sort(), ['candidate.odd', 'host', 'host.z', 'prv_candidates.tags'])
  for (const [row, values] of alerts.entries())
    assert.deepEqual(valueAt(target.columns, row), padded(target.columns, values))
  assert.equal(target.rows, 4)
})

test('a field whose type has changed gets a column of its own, named by its new type', () => {
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
  const target = new Target(new StructColumn())
  target.decode(old, encodeRecord(old, { n: 5, same: 1.5, list: [1n, 2n], inner: { x: 0.5 } }))
  target.announced.length = 0
  target.decode(changed, encodeRecord(changed, { n: 2n ** 60n, same: 2.5, list: ['a'], inner: { x: 0.1 } }))
  target.decode(old, encodeRecord(old, { n: 6, same: 3.5, list: [], inner: { x: 1 } }))
  assert.deepEqual(target.announced, ['n_long', 'list_array', 'inner.x_double'])
  const nulls = { n: null, same: null, list: null, n_long: null, list_array: null }
  assert.deepEqual(
    [0, 1, 2].map(row => valueAt(target.columns, row)),
    [
      { ...nulls, n: 5, same: 1.5, list: [1n, 2n], inner: { x: 0.5, x_double: null } },
      { ...nulls, n_long: 2n ** 60n, same: 2.5, list_array: ['a'], inner: { x: null, x_double: 0.1 } },
      { ...nulls, n: 6, same: 3.5, list: [], inner: { x: 1, x_double: null } },
    ],
  )
})

test('bytes that do not follow the schema are refused in one sentence', () => {
  const [long, string, list] = ['long', 'string', { type: 'array', items: 'int' }].map(type =>
    schemaOf([{ name: 'x', type }]),
  ) as [string, string, string]
  const union = schemaOf([{ name: 'x', type: ['null', 'int', 'string'] }])
  const nullable = schemaOf([{ name: 'x', type: ['null', 'int'] }])
  const colour = schemaOf([{ name: 'x', type: { type: 'enum', name: 'e', symbols: ['RED'] } }])
  const cases: [string, number[], RegExp][] = [
    [long, [], /the record is cut: 1 bytes are missing/],
    [long, Array(11).fill(0xff), /an integer has more than 64 bits/],
    [long, [...Array(9).fill(0xff), 2], /an integer has more than 64 bits/],
    [long, [2, 2], /the record ends 1 bytes before its block does/],
    [string, [1], /a length is negative: -1/],
    [string, [10, 65], /the record is cut: 4 bytes are missing/],
    [string, [4, 0xc3, 0x28], /a string is not UTF-8/],
    [string, [0xff, 0xff, 0xff, 0xff, 0x1f], /an integer has more than 32 bits/],
    [list, [100, 0], /an array promises 50 elements/],
    [union, [6], /a union of 3 has no branch 3/],
    [nullable, [4, 0], /a union of two has no branch for byte 4/],
    [colour, [2], /an enum of 1 has no symbol 1/],
  ]
  for (const [schema, bytes, message] of cases)
    assert.throws(() => new Target(new StructColumn()).decode(schema, Buffer.from(bytes)), message)
  assert.equal(cases.length, 12)
})

test('blocks of elements without a byte are damage before they take a day', () => {
  const schema = schemaOf([
    { name: 'a', type: { type: 'array', items: 'null' } },
    { name: 'b', type: 'bytes' },
  ])
  const block = Buffer.from([0xc0, 0x84, 0x3d])
  const record = Buffer.concat([...Array.from({ length: 300_000 }, () => block), Buffer.alloc(1_000_000)])
  assert.throws(() => new Target(new StructColumn()).decode(schema, record), CorruptPacketError)
})

test('two fields that would share a column are damage, and bring none', () => {
  const fields = [
    [
      { name: 'magpsf', type: 'double' },
      { name: 'magpsf_double', type: 'double' },
    ],
    [
      { name: 'magpsf_record', type: 'int' },
      { name: 'magpsf', type: { type: 'record', name: 'r', fields: [A_FIELD] } },
    ],
    [
      { name: 'new', type: 'int' },
      { name: 'NEW', type: 'int' },
    ],
    [{ name: 'Year', type: 'int' }],
    [{ name: 'new', type: { type: 'record', name: 'r', fields: [] } }],
  ]
  for (const others of fields) {
    const columns = alertColumns().children.get('candidate') as StructColumn
    const before = [...columns.children.keys()]
    assert.throws(() => new Target(columns).decode(schemaOf(others), Buffer.alloc(40)), CorruptPacketError)
    assert.deepEqual([...columns.children.keys()], before)
  }
})

test('a text of a batch leaves no room that the next one does not need', () => {
  const column = new BytesColumn('bytes')
  column.allocate(0, 30 << 20)
  column.truncate(0)
  assert.equal(column.bytes.length, 30 << 20)
  column.allocate(0, 1000)
  column.truncate(0)
  assert.equal(column.bytes.length, 1 << 20)
})

const A_FIELD = { name: 'a', type: 'int' }

function schemaOf(fields: unknown[]): string {
  return JSON.stringify({ type: 'record', name: 'alert', fields })
}

function noteKinds(type: avsc.Type, kinds: Set<string>): void {
  kinds.add(type.typeName)
  const {
    fields = [],
    itemsType,
    valuesType,
    types = [],
  } = type as never as {
    fields?: { type: avsc.Type }[]
    itemsType?: avsc.Type
    valuesType?: avsc.Type
    types?: avsc.Type[]
  }
  for (const inner of [...fields.map(field => field.type), itemsType, valuesType, ...types])
    if (inner) noteKinds(inner, kinds)
}
