import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DuckDB, literal, type Rows } from '../../lib/core/duckdb.ts'
import { glob } from '../../lib/core/files.ts'
import type { Paths } from '../../lib/paths.ts'
import { dataFolder } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { futureNight } from '../support/future-night.ts'
import { runIndexUpdate } from '../support/index-lake.ts'
import type { Row } from '../support/lake-reader.ts'
import { makeAt, PLACES, type Place } from '../support/place.ts'
import { addNights, lakeToPublish, NIGHTS } from '../support/published.ts'
import { runPython } from '../support/python.ts'
import { realLake } from '../support/real-lake.ts'
import { S3_ENV } from '../support/s3-bucket.ts'
import { INSTALLED } from '../support/server.ts'
import { NO_ARCHIVE } from '../support/shared.ts'
import { realTruth, type TruthRow, truthOf } from '../support/truth-rows.ts'

const READERS = ['Spark', 'DuckDB', 'pyarrow', 'Polars']
/** A name with characters that readers or languages give a meaning. In buckets, some readers find no files below it. */
const ODD = "it's [a] {50%} lake"
const NEWEST = futureNight('20260601', 'future', 'double', { alerts: 7 })

/** Alerts in a lake: their number per night, the sum of candids, and how many have the field `future`. */
interface Summary {
  readonly nights: Record<string, number>
  readonly candids: string
  readonly future: readonly [top: number, nested: number]
}

/** Spark also gives its columns, and a sum of hashes of whole alerts. */
type BySpark = Summary & { readonly types: Record<string, string>; readonly hashes: string }

interface PublishedLake {
  readonly paths: Paths
  readonly expected: Summary
  /** By name of the place: the address of the lake, and the printed line of each reader. */
  readonly copies: Record<string, { address: string; endpoint: string; lines: Record<string, string> }>
}

test('Spark, DuckDB, pyarrow and Polars open published lakes with the lines that make publish prints', async t => {
  const places: Record<string, Place> = {}
  for (const [name, start] of Object.entries(PLACES)) if (name !== 'S3 (moto)') places[name] = await start(t)
  const lakes = { whole: await wholeLake(t, places), differing: await differingLake(t, places) }
  const python: Record<string, string> = {}
  for (const [kind, { paths, copies }] of Object.entries(lakes)) {
    python[`${kind}, Spark, local`] = `spark.read.parquet('${paths.lake}')`
    for (const [name, { lines }] of Object.entries(copies))
      for (const [reader, line] of Object.entries(lines))
        if (isPython(line) && isOpenable(name, reader)) python[`${kind}, ${reader}, ${name}`] = line
  }
  const file = join(await temporaryFolder(t), 'lines.json')
  await writeFile(file, JSON.stringify(python))
  Object.assign(process.env, S3_ENV)
  const found = (await runPython('published.py', file, join(INSTALLED, 'jars/s3a'))) as Record<string, BySpark>
  const duckdb = await duckdbOnS3(t)

  for (const [kind, { expected, copies }] of Object.entries(lakes))
    for (const [name, { lines }] of Object.entries(copies)) {
      await t.test(`each printed line finds every alert of the ${kind} lake: ${name}`, async () => {
        for (const reader of READERS.filter(reader => isOpenable(name, reader))) {
          const line = lines[reader] ?? assert.fail()
          const read = isPython(line) ? found[`${kind}, ${reader}, ${name}`] : await summaryBy(duckdb, line)
          const { nights, candids, future } = read ?? assert.fail(line)
          assert.deepEqual({ nights, candids, future }, expected, line)
        }
      })
      if (isOpenable(name, 'Spark'))
        await t.test(`Spark finds the columns and values of the local ${kind} lake: ${name}`, () => {
          const [local, copy] = ['local', name].map(name => found[`${kind}, Spark, ${name}`] ?? assert.fail())
          assert.deepEqual(copy, local)
          assert.match(copy?.hashes ?? '', /^-?\d+$/)
        })
    }

  await t.test('DuckDB reads the files that _files.parquet lists from S3', async () => {
    const { address, endpoint } = lakes.whole.copies['S3 (versitygw)'] ?? assert.fail()
    const secret = `type s3, provider credential_chain, endpoint '${new URL(endpoint).host}', url_style 'path', use_ssl false`
    const lake = `${address}/lake`
    const sql = `create or replace secret (${secret});
      set variable files = (select list('${lake}/' || path) from '${lake}/_files.parquet');
      select year, month, day, candid, candidate from read_parquet(getvariable('files'), hive_partitioning = true)`
    assert.deepEqual(await summaryBy(duckdb, sql), lakes.whole.expected)
  })
})

/** The lake of all real alerts, or else of synthetic nights. All nights have the same columns. */
async function wholeLake(t: TestContext, places: Record<string, Place>): Promise<PublishedLake> {
  if (NO_ARCHIVE) {
    const paths = await lakeToPublish(t)
    return { paths, expected: summaryOf(truthOf(...NIGHTS)), copies: await publish(paths, places, () => 'whole') }
  }
  const paths = await dataFolder(t)
  await realLake(paths)
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  return { paths, expected: summaryOf(await realTruth(paths)), copies: await publish(paths, places, () => 'whole') }
}

/** A lake whose newest night has further columns, published under an odd name where readers can find it. */
async function differingLake(t: TestContext, places: Record<string, Place>): Promise<PublishedLake> {
  const paths = await lakeToPublish(t)
  await addNights(paths, [NEWEST])
  const count = (values: (alert: Row) => unknown) => NEWEST.alerts.filter(alert => values(alert.values) !== null).length
  const future = [count(({ future }) => future), count(({ candidate }) => (candidate as Row).future)] as const
  assert.ok(future.every(count => count > 0))
  const expected = { ...summaryOf(truthOf(...NIGHTS, NEWEST)), future }
  return {
    paths,
    expected,
    copies: await publish(paths, places, ({ address }) => (/^(s3|gs):/.test(address) ? 'differing' : ODD)),
  }
}

async function publish(
  paths: Paths,
  places: Record<string, Place>,
  folderAt: (place: Place) => string,
): Promise<PublishedLake['copies']> {
  const copies: PublishedLake['copies'] = {}
  for (const [name, place] of Object.entries(places)) {
    const { endpoint, env } = place
    if (!endpoint) await mkdir(place.address, { recursive: true })
    const address = `${place.address}/${folderAt(place)}`
    const { status, out, err } = await makeAt({ address, endpoint, env }, paths.data, ['publish', '-j4'])
    assert.equal(status, 0, out + err)
    const printed = out.split('\n').map(line => /^(\w+) +(.*)$/.exec(line) ?? [])
    const lines = Object.fromEntries(
      READERS.map(reader => [reader, printed.find(([, word]) => word === reader)?.[2] ?? assert.fail(out)]),
    )
    copies[name] = { address, endpoint, lines }
  }
  return copies
}

/** Spark needs Google's connector for GCS, which is not installed. */
function isOpenable(place: string, reader: string): boolean {
  return !(place === 'GCS' && reader === 'Spark')
}

function isPython(line: string): boolean {
  return !/\bfrom read_parquet\(/.test(line)
}

/** DuckDB with the extensions for S3 from PyPI, and without access to the server that has them otherwise. */
async function duckdbOnS3(t: TestContext): Promise<DuckDB> {
  const duckdb = await DuckDB.open()
  t.after(() => duckdb.close())
  await duckdb.query(`set extension_directory = ${literal(await temporaryFolder(t))}`)
  await duckdb.query('set autoinstall_known_extensions = false')
  const files = await glob(INSTALLED, 'python/lib/*/site-packages/duckdb_extension_*/extensions/*/*.duckdb_extension')
  assert.equal(files.length, 2)
  for (const file of files) await duckdb.query(`install ${literal(join(INSTALLED, file))}`)
  return duckdb
}

async function summaryBy(duckdb: DuckDB, sql: string): Promise<Summary> {
  const { columns, rows } = await lastAnswer(duckdb, sql)
  const at = Object.fromEntries(columns.map(({ name }, i) => [name, i]))
  const value = (row: readonly unknown[], name: string) => row[at[name] ?? -1] ?? null
  const night = (row: readonly unknown[]) =>
    ['year', 'month', 'day'].map(name => String(value(row, name)).padStart(2, '0')).join('')
  const nested = (row: readonly unknown[]) => (value(row, 'candidate') as { entries: Row }).entries.future ?? null
  const count = (values: readonly unknown[]) => values.filter(value => value !== null).length
  return {
    ...summaryOf(rows.map(row => [night(row), String(value(row, 'candid'))])),
    future: [count(rows.map(row => value(row, 'future'))), count(rows.map(nested))],
  }
}

async function lastAnswer(duckdb: DuckDB, sql: string): Promise<Rows> {
  let last: Rows | undefined
  for await (const rows of duckdb.answers(sql, 1e6)) last = rows
  return last ?? assert.fail(sql)
}

function summaryOf(alerts: readonly TruthRow[]): Summary {
  const nights: Record<string, number> = {}
  for (const [night] of alerts) nights[String(night)] = (nights[String(night)] ?? 0) + 1
  const candids = alerts.reduce((sum, [, candid]) => sum + BigInt(candid ?? 0), 0n)
  return { nights, candids: String(candids), future: [0, 0] }
}
