import assert from 'node:assert/strict'
import { test } from 'node:test'
import type avsc from 'avsc'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { CorruptPacketError } from '../../lib/alerts/corrupt-packet.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { createTable } from '../../lib/parquet/columns.ts'
import { makeAlert } from '../../lib/synthetic/alert.ts'
import { type ArrayBlocks, encodePacket, encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { randomValue } from '../../lib/synthetic/random-value.ts'
import { schemaText } from '../../lib/synthetic/schema.ts'
import { oracleRead, oracleType } from '../support/oracle.ts'
import { randomSchema } from '../support/random-schema.ts'
import { schemaOf } from '../support/raw-packet.ts'
import { SCHEMA_VARIANTS } from '../support/schema-variants.ts'
import { NO_ARCHIVE, realNights, realPackets } from '../support/shared.ts'
import { Target } from '../support/target.ts'

const ARRAYS: ArrayBlocks[] = ['plain', 'sized', 'split']

for (const [version, style] of SCHEMA_VARIANTS)
  for (const arrays of ARRAYS)
    test(`reads every value of a synthetic alert as avsc does: ${version}, ${style}, ${arrays} arrays`, async () => {
      const schema = schemaText({ version, style })
      const target = new Target(alertColumns())
      const oracles: [avsc.Type, unknown][] = []
      for (let index = 0; index < 130; index++) {
        const random = new Random(index)
        const values = makeAlert(parseSchema(schema).shape, { night: '20231201', index, random, version, edges: 0.02 })
        const packet = encodePacket(values, { schema, style, random, arrays })
        const read = await oracleRead(packet)
        assert.ok(read)
        target.open(packet)
        oracles.push([read.type, read.value])
      }
      // Checked at the end, to catch rows that overwrite earlier ones.
      for (const [row, [type, value]] of oracles.entries()) target.assertRow(row, type, value)
      assert.deepEqual([target.rows, target.newColumns], [130, []])
    })

test('reads every value of every real alert as avsc does', { skip: NO_ARCHIVE }, async () => {
  const target = new Target(alertColumns())
  const counts = { alerts: 0, damaged: 0 }
  for (const night of await realNights()) {
    const oracles: [avsc.Type, unknown][] = []
    for (const packet of await realPackets(night)) {
      const read = await oracleRead(packet)
      if (!read) {
        assert.throws(() => target.open(packet), Error)
        counts.damaged++
      } else {
        target.open(packet)
        oracles.push([read.type, read.value])
        counts.alerts++
      }
    }
    for (const [row, [type, value]] of oracles.entries()) target.assertRow(row, type, value)
    target.clear()
  }
  assert.deepEqual(counts, { alerts: 1646, damaged: 1 })
  assert.deepEqual(target.newColumns, [])
})

test('reads every value of random schemas of all types as avsc does', () => {
  const kinds = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed)
    const schema = randomSchema(random)
    const type = oracleType(schema)
    noteKinds(type, kinds)
    const target = new Target(createTable())
    const values: unknown[] = []
    for (let row = 0; row < 24; row++) {
      const value = randomValue(parseSchema(schema).shape, { random, nulls: 0.3, edges: 0.2 })
      const record = encodeRecord(schema, value as object, ARRAYS[row % ARRAYS.length])
      values.push(type.fromBuffer(record))
      target.decode(schema, record)
    }
    for (const [row, value] of values.entries()) target.assertRow(row, type, value)
  }
  const all = 'abstract:long array boolean bytes double enum fixed float int map null record string union:wrapped'
  assert.deepEqual([...kinds].sort().join(' '), all)
})

test('keeps maps and unions of several types as raw Avro bytes', () => {
  const schema = schemaOf([
    { name: 'map', type: { type: 'map', values: 'long' } },
    { name: 'union', type: ['null', 'int', 'string'] },
  ])
  const type = oracleType(schema)
  const target = new Target(createTable())
  const rows = [
    { map: {}, union: null },
    { map: { a: 1n, b: -(2n ** 63n) }, union: { int: -7 } },
    { map: { '': 0n }, union: { string: 'Žluťoučký' } },
  ]
  const record = type as avsc.types.RecordType
  for (const [row, value] of rows.entries()) {
    target.decode(schema, type.toBuffer(value))
    assert.deepEqual(target.value(row), {
      map: record.field('map').type.toBuffer(value.map),
      union: record.field('union').type.toBuffer(value.union),
    })
  }
  assert.equal(target.rows, 3)
})

test('preserves NaN, -0, infinities and the extremes of each integer type', () => {
  const schema = schemaOf([
    { name: 'f', type: 'float' },
    { name: 'd', type: 'double' },
    { name: 'i', type: 'int' },
    { name: 'l', type: 'long' },
  ])
  const target = new Target(createTable())
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
    assert.deepEqual(target.value(row), value)
  }
  assert.equal(target.rows, 256)
})

test('rejects bytes that do not follow the schema', () => {
  const [long, string, list] = ['long', 'string', { type: 'array', items: 'int' }].map(type =>
    schemaOf([{ name: 'x', type }]),
  ) as [string, string, string]
  const union = schemaOf([{ name: 'x', type: ['null', 'int', 'string'] }])
  const nullable = schemaOf([{ name: 'x', type: ['null', 'int'] }])
  const colour = schemaOf([{ name: 'x', type: { type: 'enum', name: 'e', symbols: ['RED'] } }])
  const cases: [string, number[], RegExp][] = [
    [long, [], /it is cut: 1 bytes are missing/],
    [long, Array(11).fill(0xff), /an integer has more than 64 bits/],
    [long, [...Array(9).fill(0xff), 2], /an integer has more than 64 bits/],
    [long, [2, 2], /the record ends 1 bytes before its block does/],
    [string, [1], /a length is negative: -1/],
    [string, [10, 65], /it is cut: 4 bytes are missing/],
    [string, [4, 0xc3, 0x28], /a string is not UTF-8/],
    [string, [0xff, 0xff, 0xff, 0xff, 0x1f], /an integer has more than 32 bits/],
    [list, [100, 0], /an array promises 50 elements/],
    [union, [6], /a union of 3 has no branch 3/],
    [nullable, [4, 0], /a union of two has no branch for byte 4/],
    [colour, [2], /an enum of 1 has no symbol 1/],
  ]
  for (const [schema, bytes, message] of cases)
    assert.throws(() => new Target(createTable()).decode(schema, Buffer.from(bytes)), message)
})

test('rejects array blocks of elements without bytes after a limited number', () => {
  const schema = schemaOf([
    { name: 'a', type: { type: 'array', items: 'null' } },
    { name: 'b', type: 'bytes' },
  ])
  const block = Buffer.from([0xc0, 0x84, 0x3d])
  const record = Buffer.concat([...Array.from({ length: 300_000 }, () => block), Buffer.alloc(1_000_000)])
  assert.throws(() => new Target(createTable()).decode(schema, record), CorruptPacketError)
})

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
