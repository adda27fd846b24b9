import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import { filesOf, parquet } from '../../lib/lake/scan.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { emptyNight, makeNight } from '../support/night.ts'

test('lists the Parquet files of nights, each once, without other files', async t => {
  const paths = await dataFolder(t)
  const options = { night: '20191003', alerts: 4 }
  const [own, other] = [makeNight(options), makeNight({ ...options, kind: 'programid3' })]
  const tarballs = [own, other, emptyNight('20180710', 'tar')]
  for (const tarball of tarballs) await convert(paths, tarball, { alertsPerFile: 3 })
  const nights = tarballs.map(({ name }) => nightOf(name))
  const folder = paths.partition(nightOf(own.name))
  await writeFile(join(folder, 'notes.txt'), '')
  const names = [parquetOf(own, 0), parquetOf(own, 1), parquetOf(other, 0), parquetOf(other, 1)]
  assert.deepEqual(
    await filesOf(paths, nights),
    names.map(name => join(folder, name)),
  )
  assert.deepEqual(await filesOf(paths, []), [])
})

test('reads files with partition columns, and with the columns of all of them on request', async t => {
  const paths = await dataFolder(t)
  const tarballs = [makeNight({ night: '20240519', alerts: 2 }), futureNight('20260601', 'colour', 'double')]
  for (const tarball of tarballs) await convert(paths, tarball)
  const files = await filesOf(
    paths,
    tarballs.map(({ name }) => nightOf(name)),
  )
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
