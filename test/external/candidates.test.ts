import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { pixelOf } from '../../lib/sky/healpix.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { serveFolder } from '../support/http-folder.ts'
import { runIndexUpdate } from '../support/index-lake.ts'
import type { Row } from '../support/lake-reader.ts'
import { readableAlerts, type SyntheticNight } from '../support/night.ts'
import { runPython } from '../support/python.ts'
import { NIGHTS } from '../support/spark-nights.ts'

/** What test/python/candidates.py prints. */
interface Output {
  readonly readers: Readonly<Record<string, readonly Values[]>>
  readonly http: readonly string[]
}

/** Date, then the columns of test/python/candidates.py. */
type Values = readonly (string | number | null)[]

/** The last of `NIGHTS` has a column that the others lack. */
const SAME_COLUMNS = NIGHTS.slice(0, -1)

test('readers find every row of the candidates table without any option, also while nights are converted', async t => {
  const paths = await dataFolder(t)
  for (const night of SAME_COLUMNS) await convert(paths, night, { alertsPerFile: 50 })
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  const server = await serveFolder(t, paths.lake)
  for (const night of NIGHTS.slice(-1)) await convert(paths, night)
  await mkdir(paths.candidatesStaging, { recursive: true })
  await writeFile(join(paths.candidatesStaging, 'ztf_public_20200117.x.parquet.part'), 'PAR1')
  const { readers, http } = (await runPython('candidates.py', paths.candidates, server.url)) as Output
  const expected = NIGHTS.flatMap(rowsOf).sort(byCandid)
  for (const name of ['Spark', 'pyarrow', 'pandas', 'Polars', 'DuckDB'])
    await t.test(`${name} finds every value`, () => {
      assert.deepEqual(readers[name]?.toSorted(byCandid), expected)
    })

  await t.test(
    'Polars reads the files of the lake that _files.parquet lists from a server that lists no folders',
    () => {
      assert.deepEqual([...http].sort(), SAME_COLUMNS.flatMap(candidsOf).sort())
      assert.deepEqual(
        server.requests.filter(request => !request.endsWith('.parquet')),
        [],
      )
    },
  )
})

test('DuckDB reads the files of the lake that _files.parquet lists from a server that lists no folders', async t => {
  const paths = await dataFolder(t)
  for (const night of SAME_COLUMNS) await convert(paths, night, { alertsPerFile: 50 })
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  const database = await DuckDB.open()
  t.after(() => database.close())
  if (!(await canReadHttp(database))) return t.skip('DuckDB cannot install its extension httpfs')
  const { url, requests } = await serveFolder(t, paths.lake)
  await database.query(
    `set variable files = (select list('${url}/' || path order by path) from '${url}/_files.parquet' where night < '2020-01-16')`,
  )
  const rows = await database.query(
    `select candid::varchar as candid from read_parquet(getvariable('files'), hive_partitioning = true) where month = 10`,
  )
  const night = SAME_COLUMNS.filter(({ name }) => name.includes('201910'))
  assert.deepEqual(rows.map(({ candid }) => candid).sort(), night.flatMap(candidsOf).sort())
  assert.ok(requests.every(request => request.endsWith('.parquet')))
})

async function canReadHttp(database: DuckDB): Promise<boolean> {
  const run = (sql: string) =>
    database.query(sql).then(
      () => true,
      () => false,
    )
  return (await run('load httpfs')) || ((await run('install httpfs')) && (await run('load httpfs')))
}

function rowsOf(night: SyntheticNight): Values[] {
  return readableAlerts(night).map(({ values }) => {
    const candidate = values.candidate as Row
    const number = (name: string) => (candidate[name] ?? null) as number | null
    const length = (name: string) => ((values[name] ?? []) as Row[]).length
    return [
      Number(nightOf(night.name).date),
      values.objectId as string,
      String(values.candid),
      (values.schemavsn ?? null) as string | null,
      ...['jd', 'magpsf', 'drb'].map(number),
      ...['prv_candidates', 'fp_hists'].map(length),
      pixelOf(number('ra'), number('dec')),
    ]
  })
}

function candidsOf(night: SyntheticNight): string[] {
  return readableAlerts(night).map(({ values }) => String(values.candid))
}

function byCandid(a: Values, b: Values): number {
  const [x, y] = [a, b].map(([date, , candid]) => `${candid} ${date}`) as [string, string]
  return x < y ? -1 : 1
}
