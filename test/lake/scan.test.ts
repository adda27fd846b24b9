import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import { parquet } from '../../lib/lake/scan.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { makeNight } from '../support/night.ts'

test('reads files with partition columns, and with the columns of all of them on request', async t => {
  const paths = await dataFolder(t)
  const tarballs = [makeNight({ night: '20240519', alerts: 2 }), futureNight('20260601', 'colour', 'double')]
  for (const tarball of tarballs) await convert(paths, tarball)
  const files = tarballs.map(tarball => join(paths.partition(nightOf(tarball.name)), parquetOf(tarball)))
  const list = `[${files.map(literalPath).join(', ')}]`
  const rows = await query(`select year, month, day, count(*)::int n from ${parquet(list)} group by all order by year`)
  assert.deepEqual(rows, [
    { year: 2024, month: 5, day: 19, n: 2 },
    { year: 2026, month: 6, day: 1, n: 3 },
  ])
  const columns = async (unionByName: boolean) => {
    const found = await query(`select column_name from (describe from ${parquet(list, unionByName)})`)
    return found.map(({ column_name }) => column_name)
  }
  assert.deepEqual([(await columns(false)).includes('colour'), (await columns(true)).includes('colour')], [false, true])
})
