import assert from 'node:assert/strict'
import { readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parquetMetadata } from 'hyparquet'
import parquet from 'parquet-wasm'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { parseSchema } from '../../lib/alerts/schema.ts'
import { query } from '../../lib/core/duckdb.ts'
import { readAlerts } from '../../lib/lake/alert-reader.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import { columnTypes } from '../../lib/parquet/column-types.ts'
import { type Column, createTable } from '../../lib/parquet/columns.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { randomValue } from '../../lib/synthetic/random-value.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { makeNight, readableAlerts } from '../support/night.ts'
import { READERS, writeRecords } from '../support/parquet-file.ts'
import { randomSchema } from '../support/random-schema.ts'
import { schemaOf } from '../support/raw-packet.ts'
import { SCHEMAS } from '../support/tarballs.ts'

const CODECS: readonly Codec[] = ['snappy', 'zstd', 'lz4', 'none']
const ROWS_PER_GROUP = 700
const NIGHT = makeNight({ night: '20240519', alerts: 60, schemas: SCHEMAS, edges: 0.05 })

for (const codec of CODECS)
  test(`reads every column of single alerts: ${codec}`, async t => {
    const path = await lakeFile(t, codec)
    const random = new Random(1)
    const alerts = readableAlerts(NIGHT).map(({ values }) => values as Row)
    const rows = Array.from({ length: 20 }, () => random.int(0, alerts.length - 1))
    await assertRead(path, alertColumns(), alerts, rows)
  })

for (const codec of CODECS)
  test(`reads rows of random schemas in several row groups as DuckDB does: ${codec}`, async t => {
    const folder = await temporaryFolder(t)
    for (let seed = 0; seed < 15; seed++) {
      const random = new Random(seed)
      const schema = randomSchema(random)
      const path = join(folder, `${seed}.parquet`)
      const table = createTable()
      const records = randomRecords(schema, random, 30)
      await writeRecords(path, table, { codec, schema, records, rowsPerGroup: 11 })
      await assertRead(path, table, await duckdbRows(path))
    }
  })

test('reads rows of many pages, with lists that are null, empty or have nulls', async t => {
  const { path, table } = await largeFile(t)
  const rows = await duckdbRows(path)
  const lists = rows.map(({ list }) => list as unknown[] | null)
  assert.ok(lists.includes(null) && lists.some(list => list?.length === 0) && lists.some(list => list?.includes(null)))
  await assertRead(path, table, rows, [0, 1, 31, 32, 1023, 1024, 1025, 2047, 2048, 2999, 3000, 3001, 3099])
})

test('reads only the pages of the rows', async t => {
  const { path } = await largeFile(t)
  const columns = ['number', 'list.flag']
  const expected = await readAlerts(path, [1500], columns)
  const { bytes, chunks } = await chunksOf(path)
  // Damages the first page of each column.
  for (const { start } of chunks.values()) bytes.fill(0xff, start, start + 10)
  await writeFile(path, bytes)
  assert.deepEqual(await readAlerts(path, [1500], columns), expected)
  await assert.rejects(readAlerts(path, [500], columns), damaged(path))
})

test('reads the rows in the order in which they are given, also from shared pages', async t => {
  const path = await lakeFile(t, 'snappy')
  const candids = readableAlerts(NIGHT).map(({ values }) => values.candid)
  const rows = [7, 3, 59, 3, 0]
  const found = await readAlerts(path, rows, ['candid'])
  assert.deepEqual(
    found.map(alert => alert.get('candid')),
    rows.map(row => candids[row]),
  )
})

test('returns null for a column that the file lacks', async t => {
  const path = await lakeFile(t, 'snappy')
  const [alert] = await readAlerts(path, [3], ['candidate.newer', 'candid', 'candidate', 'prv_candidates.list'])
  assert.deepEqual(
    [...(alert ?? [])].map(([name, value]) => [name, value === null]),
    [
      ['candidate.newer', true],
      ['candid', false],
      ['candidate', true],
      ['prv_candidates.list', true],
    ],
  )
})

test('reads strings and floats as they are', async t => {
  const schema = schemaOf([
    { name: 'text', type: 'string' },
    { name: 'float', type: 'float' },
    { name: 'double', type: 'double' },
  ])
  const values = [
    { text: '\ufeffwith a byte order mark', float: Math.fround(0.1), double: 5e-324 },
    { text: '', float: Number.NaN, double: -0 },
    { text: 'ä€😀\0', float: Number.NEGATIVE_INFINITY, double: Number.NaN },
  ]
  const path = join(await temporaryFolder(t), 'x.parquet')
  const records = values.map(value => encodeRecord(schema, value))
  await writeRecords(path, createTable(), { codec: 'snappy', schema, records })
  const found = await readAlerts(path, [0, 1, 2], ['text', 'float', 'double'])
  assert.deepEqual(found.map(Object.fromEntries), values)
})

const OTHER_WRITERS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  'the first version of ztf-lake': path => rewrite(path, builder => builder.setDictionaryEnabled(false)),
  'parquet-wasm, with dictionaries': path => rewrite(path, builder => builder.setDictionaryEnabled(true)),
  'parquet-wasm, with pages of version 2': path =>
    rewrite(path, builder => builder.setWriterVersion(parquet.WriterVersion.V2)),
  'parquet-wasm, with small pages': path =>
    rewrite(path, builder => builder.setDataPageSizeLimit(100).setWriteBatchSize(3)),
  DuckDB: path => duckdbCopy(path, ''),
  'DuckDB, with delta encodings': path => duckdbCopy(path, ', parquet_version v2'),
}

for (const [writer, write] of Object.entries(OTHER_WRITERS))
  test(`reads files written by ${writer}`, async t => {
    const path = await lakeFile(t, 'snappy')
    const before = await duckdbRows(path)
    await write(path)
    assert.deepEqual(await duckdbRows(path), before)
    await assertRead(path, alertColumns(), before)
    const large = await largeFile(t)
    const rows = await duckdbRows(large.path)
    await write(large.path)
    await assertRead(large.path, large.table, rows, [0, 1, 500, 1023, 1024, 3099])
  })

test('reads a footer that is larger than the first read', async t => {
  const path = await lakeFile(t, 'snappy')
  const before = await duckdbRows(path)
  await rewrite(path, builder => builder.setKeyValueMetadata(new Map([['key', 'value'.repeat(50_000)]])))
  await assertRead(path, alertColumns(), before, [0, 17, 59])
})

test('describes a damaged file in one sentence', async t => {
  const path = await lakeFile(t, 'snappy')
  await assert.rejects(readAlerts(path, [0, 60], ['candid']), {
    message: `${path} is damaged (it has 60 alerts, expected at least 61): make check names its night, make repair rebuilds it`,
  })
  const { length } = await readFile(path)
  for (const size of [length - 1, length >> 1, 100, 4, 0]) {
    await truncate(path, size)
    await assert.rejects(readAlerts(path, [0], ['candid']), damaged(path))
  }
  const missing = `${path}.none`
  await assert.rejects(readAlerts(missing, [0], ['candid']), { code: 'ENOENT', path: missing })
  await assert.rejects(readAlerts(join(path, '..'), [0], ['candid']), { code: 'EISDIR', path: join(path, '..') })
})

test('returns values or fails with a one-sentence error, whichever byte is damaged', async t => {
  const path = await lakeFile(t, 'zstd')
  const bytes = await readFile(path)
  const { chunks } = await chunksOf(path)
  const columns = ['objectId', 'candidate.jd', 'prv_candidates.magpsf', 'cutoutScience.stampData']
  const random = new Random(3)
  let sentences = 0
  for (let i = 0; i < 200; i++) {
    const { start, end } = chunks.get(random.pick(columns)) ?? assert.fail()
    const offset =
      i % 2 === 0 ? random.int(start, Math.min(end, start + 60)) : random.int(bytes.length - 40_000, bytes.length - 1)
    const changed = Buffer.from(bytes)
    changed[offset] = random.int(0, 255)
    await writeFile(path, changed)
    await readAlerts(path, [random.int(0, 59)], columns).catch(({ message }) => {
      assert.match(message, damaged(path).message)
      sentences++
    })
  }
  assert.ok(sentences > 25, `${sentences}`)
})

/** Asserts that a file's rows, by default all of them, have the expected values in every leaf column. */
async function assertRead(
  path: string,
  table: Column,
  expected: readonly Row[],
  rows: readonly number[] = expected.map((_, i) => i),
): Promise<void> {
  const types = [...columnTypes(table as Parameters<typeof columnTypes>[0])]
  const columns = types.filter(([, type]) => !type.endsWith('struct')).map(([column]) => column)
  assert.ok(columns.length > 0)
  const found = await readAlerts(path, rows, columns)
  assert.equal(found.length, rows.length)
  for (const [i, row] of rows.entries())
    for (const column of columns)
      assert.deepEqual(
        withBuffers(found[i]?.get(column)),
        valueAt(table, expected[row], column.split('.')),
        `${column} of row ${row} in ${path}`,
      )
}

/** The value of a leaf column, or the elements of its lists, in a row. */
function valueAt(column: Column, value: unknown, path: readonly string[]): unknown {
  if (column.type === 'list')
    return ((value ?? []) as unknown[]).flatMap(element => valueAt(column.element, element, path) as unknown[])
  if (column.type !== 'struct') return value ?? null
  const [name = '', ...rest] = path
  return valueAt(column.children.get(name) ?? assert.fail(name), (value as Row | null | undefined)?.[name], rest)
}

function withBuffers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBuffers)
  return value instanceof Uint8Array ? Buffer.from(value) : value
}

/** The only Parquet file of `NIGHT`. */
async function lakeFile(t: TestContext, codec: Codec): Promise<string> {
  const paths = await dataFolder(t)
  const { files } = await convert(paths, NIGHT, { codec })
  return join(paths.partition(nightOf(NIGHT.name)), files[0]?.name ?? assert.fail())
}

/** A file of 3,100 rows: two row groups, and pages of 1,024 rows or less. */
async function largeFile(t: TestContext) {
  const path = join(await temporaryFolder(t), 'large.parquet')
  const element = {
    type: 'record',
    name: 'element',
    fields: [
      { name: 'x', type: ['null', 'double'] },
      { name: 'flag', type: ['null', 'string'] },
      { name: 'is', type: ['null', 'boolean'] },
    ],
  }
  const schema = schemaOf([
    { name: 'number', type: 'long' },
    { name: 'text', type: ['null', 'string'] },
    { name: 'is', type: ['null', 'boolean'] },
    { name: 'bytes', type: ['null', 'bytes'] },
    { name: 'list', type: ['null', { type: 'array', items: ['null', element] }] },
  ])
  const table = createTable()
  await writeRecords(path, table, { codec: 'snappy', schema, records: randomRecords(schema, new Random(4), 3100) })
  return { path, table }
}

function randomRecords(schema: string, random: Random, rows: number): Buffer[] {
  const { shape } = parseSchema(schema)
  return Array.from({ length: rows }, () =>
    encodeRecord(schema, randomValue(shape, { random, nulls: 0.3, edges: 0.1 }) as object),
  )
}

async function duckdbRows(path: string): Promise<Row[]> {
  return (await READERS.DuckDB?.(path)) ?? assert.fail()
}

async function duckdbCopy(path: string, options: string): Promise<void> {
  const source = `from read_parquet('${path}', hive_partitioning = false)`
  await query(`copy (${source}) to '${path}.new' (format parquet, row_group_size 2048${options})`)
  await rename(`${path}.new`, path)
}

/** Writes a file again by parquet-wasm, in small row groups. */
async function rewrite(path: string, change: (builder: Builder) => Builder): Promise<void> {
  const builder = new parquet.WriterPropertiesBuilder().setCompression(parquet.Compression.SNAPPY)
  const properties = change(builder.setMaxRowGroupSize(ROWS_PER_GROUP)).build()
  await writeFile(path, parquet.writeParquet(parquet.readParquet(await readFile(path)), properties))
}

type Builder = InstanceType<typeof parquet.WriterPropertiesBuilder>

/** A file's bytes, and where the chunks of its first row group lie, by column. */
async function chunksOf(path: string) {
  const bytes = await readFile(path)
  const [group] = parquetMetadata(new Uint8Array(bytes).buffer).row_groups
  const chunks = (group ?? assert.fail()).columns.map(({ meta_data }) => {
    const { path_in_schema, data_page_offset, total_compressed_size } = meta_data ?? assert.fail()
    const start = Number(data_page_offset)
    const name = path_in_schema.join('.').replace('.list.element', '')
    return [name, { start, end: start + Number(total_compressed_size) }] as const
  })
  return { bytes, chunks: new Map(chunks) }
}

function damaged(path: string): { message: RegExp } {
  return { message: new RegExp(`^${path} is damaged \\(.+\\): make check names its night, make repair rebuilds it$`) }
}
