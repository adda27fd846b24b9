import assert from 'node:assert/strict'
import { appendFile, type FileHandle, open, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FileMetaData, parquetMetadata } from 'hyparquet'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { nightFaults } from '../../lib/lake/check-night.ts'
import { type Expected, readBack } from '../../lib/lake/read-back.ts'
import { columnTypes } from '../../lib/parquet/column-types.ts'
import { encodeRecord } from '../../lib/synthetic/avro.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { type Style, schemaText, type Version } from '../../lib/synthetic/schema.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { fileOf, NIGHT } from '../support/forged-night.ts'
import { makeNight } from '../support/night.ts'
import { writeRecords } from '../support/parquet-file.ts'

const ALERTS = makeNight({ night: NIGHT.date, alerts: 3 })
const SCHEMA: { version: Version; style: Style } = { version: '3.3', style: 'python' }

test('reports a file with a damaged byte in its candids, indexes, footer or other pages', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, ALERTS)
  const path = fileOf(paths, NIGHT, manifest, 0)
  assert.deepEqual(await nightFaults(paths, NIGHT, manifest), [])
  const bytes = await readFile(path)
  const { candids, tail } = partsOf(bytes)
  const random = new Random(1)
  // A sample, because the next test damages every byte.
  const sample = Array.from({ length: 300 }, () => random.int(0, tail.start - 1))
  const inTail = offsets(tail).filter(() => random.chance(0.1))
  await eachDamaged(path, [...offsets(candids), ...inTail, ...sample], async offset => {
    const [fault, ...others] = await nightFaults(paths, NIGHT, manifest)
    assert.ok(fault?.startsWith(`${path} has the SHA-256 `) && others.length === 0, `byte ${offset}: ${fault}`)
  })
  assert.deepEqual(await nightFaults(paths, NIGHT, manifest), [])
})

test('refuses a file that was just written if any byte of its candids, indexes or footer differs', async t => {
  const { path, expected } = await writtenFile(t)
  await readBack(path, expected)
  const { candids, tail } = partsOf(await readFile(path))
  assert.ok(candids.end - candids.start > 24 && tail.end - tail.start > 5000)
  await eachDamaged(path, [...offsets(candids), ...offsets(tail)], offset =>
    assert.rejects(readBack(path, expected), { message: OTHER_BYTES(path) }, `byte ${offset}`),
  )
  await readBack(path, expected)
})

test('refuses a file that was just written if it is cut, or longer', async t => {
  const { path, expected } = await writtenFile(t)
  const { length } = await readFile(path)
  await appendFile(path, 'x')
  await assert.rejects(readBack(path, expected))
  for (const size of [length - 1, length >> 1, 4, 0]) {
    await truncate(path, size)
    await assert.rejects(readBack(path, expected), { message: OTHER_BYTES(path) })
  }
})

test('refuses a file with other rows, columns or candids than were written', async t => {
  const { path, expected } = await writtenFile(t)
  const { types, candids } = expected
  const [first, ...rest] = candids as [bigint, ...bigint[]]
  const cases: [Partial<Expected>, RegExp][] = [
    [{ candids: rest }, /has 3 rows, expected 2$/],
    [{ candids: [...rest, first] }, /has other candids than were written: check its disk$/],
    [{ types: new Map([...types].slice(1)) }, /has other columns than were written: check its disk$/],
    [{ types: new Map([...types, ['candid', 'Float64']]) }, /has other columns than were written: check its disk$/],
  ]
  for (const [change, message] of cases) await assert.rejects(readBack(path, { ...expected, ...change }), message)
})

const OTHER_BYTES = (path: string) => `${path} has other bytes than were written: check its disk`

/** A file with a few alerts, indexed by candid, and what it must hold. */
async function writtenFile(t: TestContext): Promise<{ path: string; expected: Expected }> {
  const path = join(await temporaryFolder(t), 'x.parquet')
  const schema = schemaText(SCHEMA)
  const alerts = makeNight({ night: NIGHT.date, alerts: 3, schemas: [SCHEMA] }).alerts.map(({ values }) => values)
  const table = alertColumns()
  const excerpts = await writeRecords(path, table, {
    codec: 'snappy',
    schema,
    records: alerts.map(values => encodeRecord(schema, values)),
    indexed: { pageRanges: new Set(['candid']), bloomFilters: new Set(['objectId']) },
  })
  return {
    path,
    expected: { types: columnTypes(table), candids: alerts.map(({ candid }) => candid as bigint), excerpts },
  }
}

interface Part {
  readonly start: number
  readonly end: number
}

/** Where an independent reader finds a file's candids, and all that follows its column chunks. */
function partsOf(bytes: Buffer): { candids: Part; tail: Part } {
  const { row_groups }: FileMetaData = parquetMetadata(new Uint8Array(bytes).buffer)
  const chunks = row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data }) => {
      const { path_in_schema, data_page_offset, total_compressed_size } = meta_data ?? assert.fail()
      const start = Number(data_page_offset)
      return { name: path_in_schema.join('.'), start, end: start + Number(total_compressed_size) }
    }),
  )
  const candids = chunks.find(({ name }) => name === 'candid') ?? assert.fail()
  return { candids, tail: { start: Math.max(...chunks.map(({ end }) => end)), end: bytes.length } }
}

function offsets({ start, end }: Part): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}

/** Changes one byte at a time, runs the check, and restores the byte. */
async function eachDamaged(path: string, offsets: readonly number[], check: (offset: number) => Promise<void>) {
  const random = new Random(2)
  const bytes = await readFile(path)
  const file = await open(path, 'r+')
  try {
    for (const offset of offsets) {
      await writeByte(file, offset, (bytes[offset] as number) ^ random.int(1, 255))
      await check(offset)
      await writeByte(file, offset, bytes[offset] as number)
    }
  } finally {
    await file.close()
  }
}

async function writeByte(file: FileHandle, offset: number, byte: number): Promise<void> {
  await file.write(Buffer.of(byte), 0, 1, offset)
}
