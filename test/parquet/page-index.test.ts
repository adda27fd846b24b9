import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { hashParquetValue, readBloomFilter, sbbfContains } from 'hyparquet/src/bloom.js'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import { createTable } from '../../lib/parquet/columns.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'
import { writeRecords } from '../support/parquet-file.ts'
import { columnIndex, offsetIndex, readPage, viewOf } from '../support/parquet-pages.ts'
import { schemaOf } from '../support/raw-packet.ts'

interface Alert {
  readonly objectId: string | null
  readonly candid: bigint
  readonly candidate: { readonly jd: number; readonly note: string | null }
  readonly list: readonly { readonly x: number | null }[]
}

const SCHEMA = schemaOf([
  { name: 'objectId', type: ['null', 'string'] },
  { name: 'candid', type: 'long' },
  {
    name: 'candidate',
    type: {
      type: 'record',
      name: 'c',
      fields: [
        { name: 'jd', type: 'double' },
        { name: 'note', type: ['null', 'string'] },
      ],
    },
  },
  {
    name: 'list',
    type: { type: 'array', items: { type: 'record', name: 'l', fields: [{ name: 'x', type: ['null', 'float'] }] } },
  },
])
const INDEXED = {
  pageRanges: new Set(['objectId', 'candid', 'candidate.jd']),
  bloomFilters: new Set(['objectId']),
}
/** More than one row group, and more than one page in each. */
const ROWS = 4200

for (const codec of ['snappy', 'none'] as const)
  test(`locates every page, and counts its rows: ${codec}`, async t => {
    const { bytes, metadata } = await write(t, alerts(), codec)
    assert.deepEqual(
      metadata.row_groups.map(({ num_rows }) => num_rows),
      [3000n, 1200n],
    )
    let pages = 0
    for (const { columns, num_rows } of metadata.row_groups)
      for (const chunk of columns) {
        const { data_page_offset, total_compressed_size, total_uncompressed_size } = chunk.meta_data ?? assert.fail()
        const locations = offsetIndex(bytes, chunk)
        let [offset, row, uncompressed] = [data_page_offset, 0n, 0n]
        for (const location of locations) {
          const page = readPage(bytes, chunk, location.offset)
          assert.deepEqual(
            [location.offset, location.first_row_index, location.compressed_page_size],
            [offset, row, page.size],
          )
          offset += BigInt(page.size)
          row += BigInt(page.rows)
          uncompressed += BigInt(page.uncompressedSize)
          pages++
        }
        assert.deepEqual(
          [offset - data_page_offset, uncompressed, row],
          [total_compressed_size, total_uncompressed_size, num_rows],
        )
      }
    // Columns with large values have more pages than the others.
    const counts = metadata.row_groups.flatMap(({ columns }) => columns.map(chunk => offsetIndex(bytes, chunk).length))
    assert.ok(Math.min(...counts) > 1 && new Set(counts).size > 2, `${counts}`)
    assert.equal(
      pages,
      counts.reduce((sum, count) => sum + count),
    )
  })

test('records the minimum, the maximum and the number of nulls of every page and column chunk', async t => {
  const all = alerts()
  const { bytes, metadata } = await write(t, all, 'snappy')
  const values: Record<string, (alert: Alert) => string | bigint | number | null> = {
    objectId: ({ objectId }) => objectId,
    candid: ({ candid }) => candid,
    'candidate.jd': ({ candidate }) => candidate.jd,
  }
  let start = 0
  for (const { columns, num_rows } of metadata.row_groups) {
    const rows = all.slice(start, start + Number(num_rows))
    start += rows.length
    for (const [name, value] of Object.entries(values)) {
      const chunk = columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === name) ?? assert.fail()
      const firstRows = offsetIndex(bytes, chunk).map(({ first_row_index }) => Number(first_row_index))
      const ranges = firstRows.map((first, i) => rangeOf(rows.slice(first, firstRows[i + 1]).map(value)))
      assert.deepEqual(columnIndex(bytes, chunk, metadata), {
        null_pages: ranges.map(({ min }) => min === undefined),
        min_values: ranges.map(({ min }) => min),
        max_values: ranges.map(({ max }) => max),
        boundary_order: 'UNORDERED',
        null_counts: ranges.map(({ nulls }) => BigInt(nulls)),
      })
      const { min_value, max_value, null_count } = chunk.meta_data?.statistics ?? assert.fail()
      const { min, max, nulls } = rangeOf(rows.map(value))
      assert.deepEqual([min_value, max_value, null_count], [min, max, BigInt(nulls)])
    }
  }
})

test('indexes only the given columns, and locates the pages of all columns', async t => {
  const { metadata } = await write(t, alerts(), 'zstd')
  for (const { columns } of metadata.row_groups)
    for (const { meta_data, column_index_offset, offset_index_offset } of columns) {
      const name = meta_data?.path_in_schema.join('.') ?? ''
      assert.equal(column_index_offset !== undefined, INDEXED.pageRanges.has(name), name)
      assert.equal(meta_data?.bloom_filter_offset !== undefined, INDEXED.bloomFilters.has(name), name)
      assert.ok(offset_index_offset, name)
    }
})

test('marks a page of nothing but nulls, and has no range for a page of nothing but NaN', async t => {
  const all = alerts().map((alert, i) => {
    const isMiddle = i >= 600 && i < 2700
    const jd = isMiddle ? Number.NaN : alert.candidate.jd
    return { ...alert, objectId: isMiddle ? null : alert.objectId, candidate: { ...alert.candidate, jd } }
  })
  const { path, bytes, metadata } = await write(t, all, 'snappy')
  const [objectId, , jd] = metadata.row_groups[0]?.columns ?? []
  const { null_pages } = columnIndex(bytes, objectId ?? assert.fail(), metadata)
  assert.deepEqual([null_pages.at(0), null_pages.includes(true), null_pages.at(-1)], [false, true, false])
  assert.equal(jd?.column_index_offset, undefined)
  const { min, max } = rangeOf([...all.slice(0, 600), ...all.slice(2700, 3000)].map(({ candidate }) => candidate.jd))
  assert.deepEqual([jd?.meta_data?.statistics?.min_value, jd?.meta_data?.statistics?.max_value], [min, max])
  const [found] = await query(
    `select count(*) n, count(objectId) ids, count(*) filter (isnan(candidate.jd)) nans
     from read_parquet(${literalPath(path)})`,
  )
  const ids = all.filter(({ objectId }) => objectId !== null).length
  assert.deepEqual(found, { n: BigInt(ROWS), ids: BigInt(ids), nans: 2100n })
})

test('has every objectId in the Bloom filter of its row group, and excludes most others', async t => {
  const all = alerts()
  const { path, bytes, metadata } = await write(t, all, 'snappy')
  let start = 0
  for (const { columns, num_rows } of metadata.row_groups) {
    const { bloom_filter_offset, bloom_filter_length } = columns[0]?.meta_data ?? assert.fail()
    const view = viewOf(bytes, Number(bloom_filter_offset), bloom_filter_length as number)
    const filter = readBloomFilter({ view, offset: 0 }) ?? assert.fail()
    const element = metadata.schema.find(({ name }) => name === 'objectId') ?? assert.fail()
    const contains = (value: string) => sbbfContains(filter.blocks, hashParquetValue(value, element) as bigint)
    const rows = all.slice(start, start + Number(num_rows))
    start += rows.length
    for (const { objectId } of rows) assert.ok(objectId === null || contains(objectId), `${objectId}`)
    const others = Array.from({ length: 1000 }, (_, i) => contains(`ZTF17other${i}`))
    assert.ok(others.filter(found => found).length < 50)
  }
  const probe = (id: string) =>
    query(
      `select bloom_filter_excludes from parquet_bloom_probe(${literalPath(path)}, 'objectId', '${id}')
       order by row_group_id`,
    )
  for (let i = 0; i < ROWS; i += 300)
    if (all[i]?.objectId)
      assert.equal((await probe(all[i]?.objectId as string))[i < 3000 ? 0 : 1]?.bloom_filter_excludes, false)
  assert.deepEqual(await probe('ZTF17other0'), [{ bloom_filter_excludes: true }, { bloom_filter_excludes: true }])
})

test('has no Bloom filter, and no range, if a string is too long', async t => {
  const long = 'x'.repeat(257)
  const all = alerts().map((alert, i) => (i === 2 ? { ...alert, objectId: long } : alert))
  const { path, metadata } = await write(t, all, 'snappy')
  const [first, second] = metadata.row_groups.map(({ columns }) => columns[0])
  assert.deepEqual(
    [first, second].map(chunk => [
      chunk?.meta_data?.bloom_filter_offset !== undefined,
      chunk?.meta_data?.statistics?.min_value !== undefined,
      chunk?.column_index_offset !== undefined,
    ]),
    [
      [false, false, false],
      [true, true, true],
    ],
  )
  const [found] = await query(`select candid from read_parquet(${literalPath(path)}) where objectId = '${long}'`)
  assert.deepEqual(found, { candid: all[2]?.candid })
})

test('lets DuckDB find alerts by every indexed column', async t => {
  const all = alerts()
  const { path } = await write(t, all, 'lz4')
  const count = async (where: string) =>
    (await query(`select count(*)::int n from read_parquet(${literalPath(path)}) where ${where}`))[0]?.n
  for (let i = 0; i < ROWS; i += 400) {
    const { candid, objectId, candidate } = all[i] as Alert
    assert.equal(await count(`candid = ${candid}`), 1)
    assert.equal(
      await count(`candidate.jd = ${candidate.jd}`),
      all.filter(other => other.candidate.jd === candidate.jd).length,
    )
    if (objectId)
      assert.equal(await count(`objectId = '${objectId}'`), all.filter(other => other.objectId === objectId).length)
  }
})

/** Unsorted alerts, some with the same objectId, with a null or non-ASCII objectId, or with a large note. */
function alerts(): Alert[] {
  const random = new Random(9)
  return Array.from({ length: ROWS }, (_, i) => ({
    objectId: random.chance(0.1) ? null : `ZTF${random.pick(['18', 'é', '天'])}${random.letters(random.int(1, 3))}`,
    candid: random.long(0n, 2n ** 62n) - 2n ** 61n,
    candidate: { jd: 2458000 + random.int(0, 99_999) / 1000, note: i % 10 === 0 ? random.letters(5000) : null },
    list: Array.from({ length: i % 97 }, (_, j) => ({ x: j % 3 === 0 ? null : j })),
  }))
}

interface Written {
  readonly path: string
  readonly bytes: Buffer
  readonly metadata: FileMetaData
}

async function write(t: TestContext, all: readonly Alert[], codec: Codec): Promise<Written> {
  const path = join(await temporaryFolder(t), 'x.parquet')
  const records = all.map(alert => encodeRecord(SCHEMA, alert))
  const table = createTable()
  table.add('objectId', 'string')
  await writeRecords(path, table, { codec, schema: SCHEMA, records, indexed: INDEXED })
  const bytes = await readFile(path)
  return { path, bytes, metadata: parquetMetadata(new Uint8Array(bytes).buffer) }
}

function rangeOf(values: readonly (string | bigint | number | null)[]) {
  const present = values.filter(value => value !== null)
  const sorted = present.toSorted((a, b) => (isLess(a, b) ? -1 : Number(isLess(b, a))))
  return { min: sorted[0], max: sorted.at(-1), nulls: values.length - present.length }
}

function isLess(a: string | bigint | number, b: string | bigint | number): boolean {
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) < 0 : a < (b as typeof a)
}
