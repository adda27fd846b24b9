import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseSchema } from '../../lib/alerts/schema.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import { createTable, type StructColumn } from '../../lib/parquet/columns.ts'
import { type ArrayBlocks, encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { randomValue } from '../../lib/synthetic/random-value.ts'
import { padded } from '../support/columns-reader.ts'
import { temporaryFolder } from '../support/folder.ts'
import { comparable, oracleType, plain } from '../support/oracle.ts'
import { type FileOptions, HYPARQUET_CODECS, READERS, writeRecords } from '../support/parquet-file.ts'
import { randomSchema } from '../support/random-schema.ts'
import { schemaOf } from '../support/raw-packet.ts'

const CODECS: readonly Codec[] = ['snappy', 'zstd', 'lz4', 'none']
const ARRAYS: readonly ArrayBlocks[] = ['plain', 'sized', 'split']

/** Structs and lists in each other, each of which may be null, empty or hold nulls. */
const NESTED: Readonly<Record<string, unknown>> = {
  'lists of lists': nullable(list(nullable(list(nullable(list(nullable('int'))))))),
  'structs in null structs': nullable(record('a', { b: nullable(record('b', { c: nullable('string') })) })),
  'lists in null structs': nullable(record('a', { b: list('long'), c: nullable(list(nullable('string'))) })),
  'structs in lists in structs': nullable(
    record('a', { b: nullable(list(nullable(record('b', { c: nullable('double'), d: list(nullable('boolean')) })))) }),
  ),
  'lists in structs in lists': list(record('a', { b: nullable(list(record('c', { d: 'float', e: 'bytes' }))) })),
  booleans: nullable('boolean'),
  'nullable elements': list(nullable('boolean')),
  'enums, maps, fixed and unions in lists': list(
    record('a', {
      b: nullable({ type: 'enum', name: 'e', symbols: ['RED', 'GREEN'] }),
      c: { type: 'map', values: 'int' },
      d: nullable({ type: 'fixed', name: 'f', size: 3 }),
      e: ['null', 'int', 'string'],
      f: 'null',
    }),
  ),
}

for (const codec of CODECS)
  test(`writes values of random schemas of all types, which three readers read alike: ${codec}`, async t => {
    const folder = await temporaryFolder(t)
    for (let seed = 0; seed < 40; seed++) {
      const random = new Random(seed)
      const options = randomFile(randomSchema(random), random, random.int(1, 30))
      await assertRead(join(folder, `${seed}.parquet`), createTable(), { ...options, codec, rowsPerGroup: 11 })
    }
  })

for (const [description, type] of Object.entries(NESTED))
  test(`writes ${description}, which three readers read alike`, async t => {
    const schema = schemaOf([{ name: 'x', type }])
    for (const [i, codec] of (['snappy', 'none'] as const).entries()) {
      const options = randomFile(schema, new Random(i), 200)
      await assertRead(await file(t), createTable(), { ...options, codec })
    }
  })

test('writes the columns that a later schema adds, and nulls in the columns that a schema lacks', async t => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed + 1000)
    const table = createTable()
    // Other names in the second schema, because a field of another type would get a column of another name.
    const schemas = [randomSchema(random), randomSchema(random).replaceAll('"name":"f', '"name":"g')] as const
    for (const schema of [...schemas, ...schemas])
      await assertRead(await file(t), table, { ...randomFile(schema, random, 10), codec: 'snappy' })
  }
})

test('writes structs and lists that a later schema adds to a nested record', async t => {
  const inner = { old: nullable('int') }
  const added = {
    ...inner,
    text: nullable('string'),
    list: nullable(list(nullable('long'))),
    more: record('m', { n: 'int' }),
  }
  const schemaWith = (fields: Record<string, unknown>) =>
    schemaOf([
      { name: 'one', type: nullable(record('one', fields)) },
      { name: 'many', type: nullable(list(nullable(record('many', rename(fields))))) },
    ])
  const random = new Random(2)
  const table = createTable()
  for (const fields of [inner, added, inner])
    await assertRead(await file(t), table, { ...randomFile(schemaWith(fields), random, 50), codec: 'snappy' })
})

test('writes many pages and row groups, which three readers read alike', async t => {
  const schema = schemaOf([
    { name: 'candid', type: 'long' },
    { name: 'text', type: nullable('string') },
    { name: 'flag', type: nullable('boolean') },
    { name: 'struct', type: nullable(record('s', { x: nullable('double'), list: nullable(list('int')) })) },
    { name: 'list', type: list(nullable(record('e', { y: 'float', tags: nullable(list(nullable('string'))) }))) },
  ])
  for (const codec of CODECS) {
    const options = randomFile(schema, new Random(5), 3100)
    await assertRead(await file(t), createTable(), { ...options, codec })
  }
})

test('writes lists of so many elements that pages end within them', async t => {
  const schema = schemaOf([
    { name: 'id', type: 'int' },
    { name: 'list', type: list(nullable(record('e', { a: 'long', b: nullable(list('boolean')) }))) },
  ])
  const { shape } = parseSchema(schema)
  const random = new Random(6)
  const records = Array.from({ length: 40 }, (_, id) => {
    const element = () => (randomValue(shape, { random, nulls: 0.3, edges: 0.1 }) as { list: unknown[] }).list
    const length = id % 3 === 0 ? 0 : random.int(1, 9000)
    const few = Array.from({ length: 50 }, element).flat()
    return encodeRecord(schema, { id, list: Array.from({ length }, (_, i) => few[i % few.length]) })
  })
  await assertRead(await file(t), createTable(), { schema, records, codec: 'snappy' })
})

test('writes large values, each in a page of its own', async t => {
  const schema = schemaOf([
    { name: 'text', type: nullable('string') },
    { name: 'bytes', type: nullable('bytes') },
  ])
  const random = new Random(7)
  const records = Array.from({ length: 90 }, (_, i) =>
    encodeRecord(schema, {
      text: i % 3 === 0 ? random.letters(1000).repeat(i * 20) : null,
      bytes: i % 4 === 0 ? random.bytes(1000 * i) : null,
    }),
  )
  for (const codec of CODECS) await assertRead(await file(t), createTable(), { schema, records, codec })
})

/** Writes records, and asserts that every reader finds what avsc finds. */
async function assertRead(path: string, table: StructColumn, options: FileOptions): Promise<void> {
  const { schema, records, codec } = options
  await writeRecords(path, table, options)
  const type = oracleType(schema)
  const values = records.map(record => type.fromBuffer(record))
  for (const [reader, read] of Object.entries(READERS)) {
    if (reader === 'hyparquet' && !HYPARQUET_CODECS.includes(codec)) continue
    const rows = await read(path)
    assert.equal(rows.length, values.length, reader)
    for (const [i, row] of rows.entries()) {
      const { expected, actual } = comparable(type, values[i], row)
      assert.deepEqual(plain(actual), padded(table, plain(expected)), `${reader}, row ${i} of ${schema}`)
    }
  }
}

function randomFile(schema: string, random: Random, rows: number) {
  const { shape } = parseSchema(schema)
  const records = Array.from({ length: rows }, (_, row) => {
    const value = randomValue(shape, { random, nulls: 0.3, edges: 0.1 })
    return encodeRecord(schema, value as object, ARRAYS[row % ARRAYS.length])
  })
  return { schema, records }
}

let files = 0

async function file(t: TestContext): Promise<string> {
  return join(await temporaryFolder(t), `${files++}.parquet`)
}

function nullable(type: unknown): unknown {
  return ['null', type]
}

function list(items: unknown): unknown {
  return { type: 'array', items }
}

function record(name: string, fields: Record<string, unknown>): unknown {
  return { type: 'record', name, fields: Object.entries(fields).map(([name, type]) => ({ name, type })) }
}

/** Renames the inner record, because Avro allows each name only once in a schema. */
function rename(fields: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(fields).replaceAll('"name":"m"', '"name":"m2"'))
}
