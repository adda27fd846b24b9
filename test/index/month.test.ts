import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { DuckDB, literal, query } from '../../lib/core/duckdb.ts'
import { buildMonth } from '../../lib/index/month.ts'
import type { Month } from '../../lib/index/plan.ts'
import { summarize } from '../../lib/lake/summaries.ts'
import type { Paths } from '../../lib/paths.ts'
import { dataFolder } from '../support/data-folder.ts'
import { manifestOf, nightAt } from '../support/night-files.ts'

/** Together they fill several row groups of the index. */
const NIGHTS = ['20200101', '20200102', '20200131'].map(nightAt)
const ALERTS = 50_000

test('makes the same bytes of a large month with any number of threads, with and without temporary files', async t => {
  const paths = await dataFolder(t)
  for (const i of NIGHTS.keys()) await writeCandidates(paths, i)
  const nights = NIGHTS.map(night => ({ night, summary: summarize(manifestOf(night, { alerts: ALERTS })) }))
  const month: Month = { name: '202001', nights, inputs: 'hash' }
  const found: unknown[] = []
  for (const [threads, megabytes] of [
    [1, 800],
    [2, 800],
    [4, 800],
    [2, 64],
  ] as const) {
    await mkdir(paths.indexStaging, { recursive: true })
    const temporary = join(paths.indexStaging, 'tmp')
    const database = await DuckDB.open({ threads, memory: megabytes << 20, temporary })
    try {
      found.push(await buildMonth(database, paths, month))
    } finally {
      database.close()
    }
  }
  for (const index of found) assert.deepEqual(index, found[0])
  for (const order of ['objects', 'positions'] as const) {
    const path = paths.indexFile(order, month.name)
    const [groups] = await query(`select count(distinct row_group_id)::int as n from parquet_metadata('${path}')`)
    assert.ok((groups?.n as number) > 3)
    const days = await query(
      `select day, count(*)::int as n, sum(candid)::varchar as sum from '${path}' group by all order by day`,
    )
    assert.deepEqual(
      days,
      [1, 2, 31].map((day, i) => ({ day, n: ALERTS, sum: String(i * 1e6 * ALERTS + (ALERTS * (ALERTS - 1)) / 2) })),
    )
  }
})

/** Writes a candidates file with the columns of the index, and objects that are in several nights. */
async function writeCandidates(paths: Paths, night: number): Promise<void> {
  const path = paths.candidatesFile(NIGHTS[night] as (typeof NIGHTS)[number])
  await mkdir(dirname(path), { recursive: true })
  await query(
    `copy (select 'ZTF18' || substr(md5((hash(i + ${night}) % 30000)::varchar), 1, 7) as objectId,
       (${night} * 1000000 + i)::bigint as candid, (hash(i * 7) % 805306368)::int as healpix13,
       (hash(i) % 3600000) / 10000 as ra, (hash(i * 3) % 1800000) / 10000 - 90 as dec, (i % 3 + 1)::int as fid,
       (hash(i * 5) % 10000 / 500)::float as magpsf, (i // 3000)::int as lake_file, (i % 3000)::int as lake_row
     from range(${ALERTS}) t(i) order by objectId) to ${literal(path)} (format parquet)`,
  )
}
