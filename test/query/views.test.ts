import assert from 'node:assert/strict'
import { mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mock, type TestContext, test } from 'node:test'
import { RECORDS } from '../../lib/alerts/fields.ts'
import { DuckDB } from '../../lib/core/duckdb.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { ALERTS, FIRST, LAST, NIGHTS, openForTest, queryLake, rowsOf } from '../support/query-lake.ts'
import { PROJECT } from '../support/run.ts'
import type { SchemaField } from '../support/schema-variants.ts'

test('a folder name with DuckDB wildcards matches no other folder', async t => {
  const folder = await temporaryFolder(t)
  const [wildcard, other] = ['a?c', 'abc'].map(name => new Paths(join(folder, name))) as [Paths, Paths]
  for (const paths of [wildcard, other]) {
    await mkdir(paths.tarballs, { recursive: true })
    await convert(paths, FIRST)
  }
  const database = await openForTest(t, wildcard)
  const counts = 'select (select count(*)::int from alerts) as alerts, (select count(*)::int from nights) as nights'
  assert.deepEqual(await rowsOf(database, counts), [{ alerts: 12, nights: 1 }])
})

test('candidates has the fields of each candidate as columns', async t => {
  const database = await openForTest(t, await queryLake(t))
  const expected = ALERTS.map(({ values: { candid, objectId, candidate } }) => {
    const { magpsf, jd, objectidps1 } = candidate as Row
    return { candid, objectId, magpsf, jd, objectidps1 }
  }).sort((a, b) => Number((a.candid as bigint) - (b.candid as bigint)))
  assert.deepEqual(
    await rowsOf(database, 'select candid, objectId, magpsf, jd, objectidps1 from candidates order by candid'),
    expected,
  )
  assert.equal(await countRows(database, 'alerts'), ALERTS.length)
})

test('detections has each exposure of each alert', async t => {
  const database = await openForTest(t, await queryLake(t))
  const exposures = ALERTS.flatMap(
    ({ values }) => [values.candidate, ...((values.prv_candidates as Row[] | null) ?? [])] as Row[],
  )
  const limits = exposures.filter(({ candid }) => candid === null).length
  assert.ok(limits > 10)
  assert.equal(await countRows(database, 'detections'), exposures.length)
  assert.equal(await countRows(database, 'detections where is_limit'), limits)
})

test('detections has every field of prv_candidates, also for the candidate of an alert', async t => {
  const database = await openForTest(t, await queryLake(t))
  const fields = RECORDS.prv_candidate.map(({ name }) => name)
  assert.deepEqual(await columnsOf(database, 'detections'), [
    ...['objectId', 'alert', ...fields],
    ...['is_limit', 'night', 'year', 'month', 'day'],
  ])
  const candidates = await rowsOf(database, 'select alert, magpsf from detections where alert = candid order by alert')
  assert.deepEqual(candidates, await rowsOf(database, 'select candid as alert, magpsf from candidates order by candid'))
})

test('nights has each night with its counts and sizes', async t => {
  const paths = await queryLake(t)
  const database = await openForTest(t, paths)
  const nights = await rowsOf(
    database,
    'select tarball, night::varchar as night, state, alerts, files, lakeBytes from nights order by tarball',
  )
  assert.deepEqual(
    nights.map(({ tarball, night, state, alerts }) => [tarball, night, state, alerts]),
    [
      [FIRST.name, '2018-07-13', 'whole', 12],
      [NIGHTS[1].name, '2019-10-03', 'whole', 7],
      [NIGHTS[2].name, '2019-10-03', 'whole', 4],
      [LAST.name, '2025-03-25', 'whole', 9],
      ['ztf_public_20250326.tar.gz', '2025-03-26', 'empty', 0],
    ],
  )
  const manifest = JSON.parse(await readFile(paths.manifest(nightOf(FIRST.name)), 'utf8')) as Manifest
  assert.deepEqual([nights[0]?.files, nights[0]?.lakeBytes], [1n, BigInt(manifest.files[0]?.bytes ?? -1)])
})

test('a query with a condition on the date reads only the files of those nights', async t => {
  const paths = await queryLake(t)
  const database = await openForTest(t, paths)
  const last = nightOf(LAST.name)
  for (const file of [join(paths.partition(last), parquetOf(LAST)), paths.candidatesFile(last)])
    await writeFile(file, 'not a Parquet file')
  for (const where of ["night = '2018-07-13'", 'year = 2018', "night between '2018-01-01' and '2019-12-31'"])
    for (const view of ['alerts', 'candidates', 'detections'])
      assert.ok((await rowsOf(database, `select objectId from ${view} where ${where}`)).length >= 12)
  for (const view of ['alerts', 'candidates', 'detections'])
    await assert.rejects(rowsOf(database, `select max(objectId) from ${view}`), /not a Parquet|magic bytes/i)
})

test('the views ignore staged, partial, orphaned and unrecorded files', async t => {
  const paths = await queryLake(t)
  const staging = join(paths.lake, '_staging', 'ztf_public_20200101')
  await mkdir(staging, { recursive: true })
  for (const path of [
    join(staging, 'ztf_public_20200101-00000000-0000.parquet'),
    join(paths.lake, 'orphan.parquet'),
    join(paths.manifests, 'ztf_public_20200101.json.part'),
    join(paths.partition(nightOf(FIRST.name)), 'ztf_public_20180713.parquet.part'),
  ])
    await writeFile(path, 'not a Parquet file')
  await unlink(paths.manifest(nightOf(LAST.name)))
  assert.equal(await countRows(await openForTest(t, paths), 'alerts'), ALERTS.length - 9)
})

test('the views have the selected nights only', async t => {
  const database = await openForTest(t, await queryLake(t), date => date.startsWith('2019'))
  assert.deepEqual(await rowsOf(database, 'select distinct night::varchar as night from candidates'), [
    { night: '2019-10-03' },
  ])
  assert.equal(await countRows(database, 'nights'), 2)
})

test('the views have columns that only some nights have, whichever night comes first', async t => {
  const colour: SchemaField = { name: 'colour', type: ['null', 'double'], default: null }
  const extra = { alert: [colour], candidate: [colour], prv_candidate: [colour] }
  const [extended, usual] = [
    { version: '4.02', style: 'go', extra } as const,
    { version: '4.02', style: 'go' } as const,
  ]
  for (const schemas of [
    [extended, usual],
    [usual, extended],
  ]) {
    const paths = await dataFolder(t)
    for (const [i, schema] of schemas.entries())
      await convert(paths, makeNight({ night: `2024010${i + 1}`, alerts: 3, edges: 0, schemas: [schema] }))
    const database = await openForTest(t, paths)
    for (const view of ['alerts', 'detections']) {
      assert.ok((await columnsOf(database, view)).includes('colour'), view)
      await database.query(`create or replace table copied as select * from ${view}`)
      assert.equal(await countRows(database, 'copied'), await countRows(database, view))
    }
  }
})

test('alerts and detections leave out moved nights, with one note; the other views have them without a note', async t => {
  const paths = await queryLake(t)
  const all = await openForTest(t, paths)
  const views = ['alerts', 'detections', 'candidates', 'nights', 'objects']
  const counts = async (database: Pick<DuckDB, 'query'>) => {
    const found: Record<string, number> = {}
    for (const view of views) found[view] = await countRows(database, view)
    return found
  }
  const before = await counts(all)
  const others = await openForTest(t, paths, date => date !== '20180713')
  const [alerts, detections] = [await countRows(others, 'alerts'), await countRows(others, 'detections')]
  await move(paths, FIRST)
  const notes = notesOf(t)
  const database = await openForTest(t, paths)
  for (const view of ['candidates', 'nights', 'objects']) assert.equal(await countRows(database, view), before[view])
  const { values } = FIRST.alerts[0] ?? assert.fail()
  const { ra, dec } = values.candidate as Row
  assert.ok((await countRows(database, `cone(${ra}, ${dec}, 1)`)) > 0)
  assert.deepEqual(notes, [])
  assert.deepEqual(await counts(database), { ...before, alerts, detections })
  assert.ok(alerts > 0 && alerts < (before.alerts as number))
  assert.deepEqual(notes, [`note: the answer lacks 1 night that was moved to ${ADDRESS}`])
})

test('alerts and detections name the address if all selected nights were moved', async t => {
  const paths = await queryLake(t)
  for (const night of NIGHTS.slice(0, 3)) await move(paths, night)
  const notes = notesOf(t)
  const database = await openForTest(t, paths, date => date < '2020')
  for (const view of ['alerts', 'detections'])
    await assert.rejects(rowsOf(database, `from ${view}`), {
      message:
        `${paths.lake} has only the candidates of 3 nights that were moved to ${ADDRESS}: ` +
        'query alerts and detections there, or give other NIGHTS',
    })
  assert.equal(await countRows(database, 'candidates'), 23)
  assert.deepEqual(notes, [])
})

test('the error for a lake without alerts gives the reason', async t => {
  const paths = await dataFolder(t)
  const error = async (selection: (date: string) => boolean, message: string) => {
    const database = await openForTest(t, paths, selection)
    for (const view of ['alerts', 'candidates', 'detections'])
      await assert.rejects(rowsOf(database, `from ${view}`), { message: `${paths.lake} ${message}` })
  }
  await error(() => true, 'has no alerts: run make lake first')
  await convert(paths, emptyNight('20250326', 'tar'))
  await error(() => true, 'has no alerts in these nights: their tarballs are empty; give other NIGHTS')
  await error(() => false, 'has none of these nights, but 1 other: give other NIGHTS, or run make lake')
})

test('no view has an answer for a lake that does not exist', async t => {
  const paths = new Paths(join(await temporaryFolder(t), 'mistyped'))
  const database = await openForTest(t, paths)
  for (const source of ['alerts', 'candidates', 'detections', 'nights', 'objects', 'cone(1, 2, 3)'])
    await assert.rejects(rowsOf(database, `from ${source}`), {
      message: `${paths.lake} has no alerts: run make lake first`,
    })
})

test('the recipe for exposures has each once, and no limit next to a detection', async t => {
  const recipes = await readFile(join(PROJECT, 'docs/recipes.md'), 'utf8')
  const [, sql = ''] = /-- each exposure once\n(select distinct on[^`]*from detections[^`]*)```/.exec(recipes) ?? []
  const database = await DuckDB.open()
  t.after(() => database.close())
  await database.query(`create table detections as select * from (values
    ('a', 1, 1, null, 11), ('a', 1, 1, 7, 12), ('a', 1, 1, 7, 13), ('a', 2, 1, null, 12), ('a', 2, 1, null, 13),
    ('a', 1, 2, null, 12), ('b', 1, 1, null, 14)) rows(objectId, jd, fid, candid, alert)`)
  assert.deepEqual(
    (await rowsOf(database, `select objectId, jd, fid, candid from (${sql}) order by all`)).map(Object.values),
    [
      ['a', 1, 1, 7],
      ['a', 1, 2, null],
      ['a', 2, 1, null],
      ['b', 1, 1, null],
    ],
  )
})

async function countRows(database: Pick<DuckDB, 'query'>, source: string): Promise<number> {
  return (await rowsOf(database, `select count(*)::int as n from ${source}`))[0]?.n as number
}

async function columnsOf(database: Pick<DuckDB, 'query'>, view: string): Promise<unknown[]> {
  return (await rowsOf(database, `describe ${view}`)).map(({ column_name }) => column_name)
}

/** Lines that are printed on standard error until the end of the test. */
function notesOf(t: TestContext): string[] {
  const lines: string[] = []
  const log = mock.method(console, 'error', (line: string) => lines.push(line))
  t.after(() => log.mock.restore())
  return lines
}
