import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { forge, NIGHT, threeFiles } from '../support/forged-night.ts'
import { makeIndex } from '../support/index.ts'
import { makeNight } from '../support/night.ts'
import { LAST, openForTest, rowsOf } from '../support/query-lake.ts'
import type { SchemaField } from '../support/schema-variants.ts'

/** Names that the views use, those that DuckDB gives to columns about files, and one that makes the candidates table. */
const NAMES = ['night', 'Alert', 'is_limit', 'objectid', 'file_index', 'file_row_number', 'filename', 'lengths']

test('fields of a newer schema change no answer, whatever their names', async t => {
  const paths = await dataFolder(t)
  const fields: SchemaField[] = NAMES.map(name => ({ name, type: ['null', 'string'], default: null }))
  const extra = { alert: fields, candidate: fields, prv_candidate: fields }
  const newest = makeNight({
    night: '20260601',
    alerts: 5,
    edges: 0,
    schemas: [{ version: '4.02', style: 'go', extra }],
  })
  const { damaged, newColumns } = await convert(paths, newest)
  assert.deepEqual([damaged, newColumns.length], [0, 3 * NAMES.length])
  await convert(paths, LAST)
  await makeIndex(paths)

  const database = await openForTest(t, paths)
  for (const source of ['alerts where true', 'candidates where true', 'detections where alert = candid']) {
    const count = async (condition: string) => (await rowsOf(database, `select count(*) as n from ${condition}`))[0]?.n
    assert.equal(await count(`${source} and night = '2025-03-25'`), 9n)
    assert.equal(await count(`${source} and night = '2026-06-01'`), 5n)
    const byNight = `select night::varchar as date, count(*) as n from ${source} group by night order by night`
    assert.deepEqual(await rowsOf(database, byNight), [
      { date: '2025-03-25', n: 9n },
      { date: '2026-06-01', n: 5n },
    ])
  }
  const places = 'select count(distinct lake_row) as rows, max(lake_file) as file from candidates where year = 2026'
  assert.deepEqual(await rowsOf(database, places), [{ rows: 5n, file: 0 }])
})

test('a column called night in a lake of an earlier version changes no answer', async t => {
  const { paths, manifest } = await threeFiles(t)
  for (const i of manifest.files.keys()) await forge(paths, i, 'select *, 1 as "Night" from file')
  const forged = (await readManifest(paths, NIGHT)) ?? assert.fail()
  await writeManifest(paths, NIGHT, { ...forged, newColumns: ['Night'] })
  const database = await openForTest(t, paths)
  assert.deepEqual(await rowsOf(database, 'select night::varchar as date, count(*) as n from alerts group by night'), [
    { date: '2019-10-03', n: 20n },
  ])
  assert.deepEqual(await rowsOf(database, "select count(*) as n from alerts where night = '2019-10-03'"), [{ n: 20n }])
})
