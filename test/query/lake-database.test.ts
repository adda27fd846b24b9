import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { mock, test } from 'node:test'
import { exists, glob, remove } from '../../lib/core/files.ts'
import { Paths } from '../../lib/paths.ts'
import { exportToFile, exportToStream } from '../../lib/query/export.ts'
import { LakeDatabase } from '../../lib/query/lake-database.ts'
import { tables } from '../../lib/query/table.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { emptyNight } from '../support/night.ts'
import { ALERTS, FIRST, LAST, openForTest, queryLake, rowsOf } from '../support/query-lake.ts'

test('a statement that names no view reads nothing of the lake', async t => {
  const database = await openForTest(t, new Paths(join(await temporaryFolder(t), 'missing')))
  assert.deepEqual(await rowsOf(database, 'select 1 as one'), [{ one: 1 }])
})

test('the view of nights needs no alerts', async t => {
  const paths = await dataFolder(t)
  await convert(paths, emptyNight('20250326', 'tar'))
  const database = await openForTest(t, paths)
  assert.deepEqual(await rowsOf(database, 'select alerts, state from nights'), [{ alerts: 0, state: 'empty' }])
})

test('a view exists wherever a statement names it', async t => {
  const paths = await queryLake(t)
  for (const sql of [
    'describe alerts',
    'summarize nights',
    'pivot candidates on fid using count(*)',
    'select alerts from nights',
    'with a as (from "Alerts") select count(*) from a',
    'create table copied as from objects; select count(*) from copied, nights; drop table copied',
    "prepare q as select count(*) from main.detections; execute q; from query_table('candidates') limit 1",
    'explain from cone(1, 2, 3)',
    'create macro n() as (select count(*) from alerts); select n()',
  ]) {
    const database = await openForTest(t, paths)
    assert.ok((await tablesOf(database, sql)).length > 0, sql)
  }
})

test('a table of the user may have the name of a view', async t => {
  const database = await openForTest(t, await queryLake(t))
  assert.deepEqual(await tablesOf(database, 'create table objects as select 7 as seven; from objects'), [
    'seven\n    7\n(1 row)',
  ])
})

test('conditions on the night change no result, also after a view or macro was made', async t => {
  const paths = await queryLake(t)
  const count = (from: string) => `select count(*)::int as n from ${from}`
  const database = await openForTest(t, paths)
  for (const [where, n] of [
    ["night = '2018-07-13'", 12],
    ["a.night = '2018-07-13' or year = 2025", 21],
    ["night = '1999-01-01'", 0],
    ['year = 2019 and candid in (select candid from alerts)', 11],
    ['month >= 7', 23],
  ] as const) {
    assert.deepEqual(await rowsOf(database, count(`alerts a where ${where}`)), [{ n }])
    assert.deepEqual(await rowsOf(database, count('alerts')), [{ n: ALERTS.length }])
  }
  const sql = `create macro n() as (select count(*) from alerts);
    create view later as select * replace (night + 1 as night) from alerts`
  await tablesOf(database, sql)
  assert.deepEqual(await rowsOf(database, "select max(n())::int as n from alerts where night = '2018-07-13'"), [
    { n: ALERTS.length },
  ])
  assert.deepEqual(await rowsOf(database, count("later where night = '2018-07-14'")), [{ n: 12 }])
})

test('the view alerts has the files of the manifests', async t => {
  const paths = await dataFolder(t)
  for (const night of [FIRST, LAST]) await convert(paths, night, { alertsPerFile: 5 })
  const database = await openForTest(t, paths)
  await rowsOf(database, 'from alerts limit 1')
  const [row] = await rowsOf(database, "select getvariable('lake_files') as files")
  const folders = [FIRST, LAST].map(({ name }) => paths.partition(nightOf(name)))
  const files = await Promise.all(
    folders.map(async folder => (await glob(folder, '*')).map(name => join(folder, name))),
  )
  assert.equal(files.flat().length, 5)
  assert.deepEqual(row?.files, files.flat())
})

test('the error for an unknown table names the views', async t => {
  const database = await openForTest(t, await queryLake(t))
  for (const [sql, kind] of [
    ['from alert', 'Table with name alert'],
    ['from con(1, 2, 3)', 'Table Function with name con'],
  ] as const)
    await assert.rejects(rowsOf(database, sql), {
      message: `Catalog Error: ${kind} does not exist: the lake has alerts, candidates, detections, nights, objects, cone`,
    })
})

test('without the candidates table or the index, the error suggests make index', async t => {
  const paths = await queryLake(t)
  await remove(paths.index)
  const database = await openForTest(t, paths)
  for (const sql of ['from objects', 'from cone(1, 2, 3)'])
    await assert.rejects(rowsOf(database, sql), { message: `${paths.index} has no index of the lake: run make index` })
})

test('the answers leave out a night with a broken manifest, and a note says so', async t => {
  const paths = await queryLake(t)
  const manifest = paths.manifest(nightOf(FIRST.name))
  await writeFile(manifest, 'broken')
  const notes = mock.method(console, 'error', () => {})
  t.after(() => notes.mock.restore())
  const views = ['alerts', 'candidates', 'detections', 'nights', 'objects']
  for (const view of views) {
    const database = await openForTest(t, paths)
    const [row] = await rowsOf(
      database,
      `select count(*) as n, count(*) filter (night = '2018-07-13') as broken from
      (select ${view === 'objects' ? 'last_night' : 'night'} as night from ${view})`,
    )
    assert.ok((row?.n as bigint) > 0n, view)
    if (view !== 'objects') assert.equal(row?.broken, 0n, view)
  }
  const lines = notes.mock.calls.map(({ arguments: [line] }) => String(line))
  assert.equal(lines.length, views.length)
  for (const line of lines) assert.match(line, /^note: the answer lacks a night: \S+ is corrupt: .*: run make repair$/)
})

test('a query that needs more memory fails in one sentence', async t => {
  const paths = await dataFolder(t)
  const database = await LakeDatabase.open(paths, () => true, 60 << 20)
  t.after(() => database.close())
  await assert.rejects(database.query('select len(list(md5(range::varchar))) from range(3000000)'), {
    message:
      'the query needs more than its 60.0 MiB of memory, even with temporary files: set a larger MEMORY=, or fewer NIGHTS=',
  })
  assert.deepEqual(await rowsOf(database, 'select 1 as one'), [{ one: 1 }])
})

test('a query is interrupted if the process takes twice the memory', async t => {
  let used = 0
  const database = await LakeDatabase.open(
    await dataFolder(t),
    () => true,
    2 ** 30,
    () => used,
  )
  t.after(() => database.close())
  assert.deepEqual(await rowsOf(database, 'select 1 as one'), [{ one: 1 }])
  used = 3 * 2 ** 30
  for (const run of [
    () => database.query('select count(*) from range(1000000) a, range(10000000) b where a.range + b.range < 0'),
    () => tablesOf(database, 'select count(*) from range(1000000) a, range(10000000) b where a.range + b.range < 0'),
  ])
    await assert.rejects(run(), /^Error: the query needs more than its 1\.0 GiB of memory, /)
})

test('a sort that needs more memory uses temporary files, and the folder is removed', async t => {
  const paths = await dataFolder(t)
  const database = await LakeDatabase.open(paths, () => true, 60 << 20)
  const sql = 'create table sorted as select range as n, md5(range::varchar) as hash from range(1500000) order by hash'
  await database.query(sql)
  assert.ok((await readdir(database.temporary)).length > 0)
  assert.ok(database.temporary.startsWith(paths.temporary))
  await database.query("set max_temp_directory_size = '200MB'")
  await assert.rejects(database.query('create table again as from sorted, range(10)'), {
    message: /^the disk of \/\S* is full: free some space, /,
  })
  database.close()
  assert.equal(await exists(paths.temporary), false)
})

test('JSON has null for NaN and infinities, also inside structs and lists', async t => {
  const paths = await dataFolder(t)
  const database = await openForTest(t, paths)
  const sql = `select 'nan'::double as a, {'b': 'inf'::float, 'c': ['-inf'::double, 1.5], 'd': 'NaN'} as s; -- comment;`
  const expected = [{ a: null, s: { b: null, c: [null, 1.5], d: 'NaN' } }]
  const [file, stream] = [join(paths.data, 'answer.json'), new PassThrough()]
  await exportToFile(database, sql, 'json', file)
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), expected)
  const written = text(stream)
  await exportToStream(database, sql, 'json', stream)
  stream.end()
  assert.deepEqual(JSON.parse(await written), expected)
})

test('a statement to export may have comments and quoted semicolons anywhere', async t => {
  const paths = await dataFolder(t)
  const database = await openForTest(t, paths)
  for (const sql of [
    "/* ; */ select ';' as a -- ;",
    "; select ';' as a; -- it's the end; ",
    `select $$;$$ as a; /* "a" ' */ ;`,
    "select e';' as a /* ; */ ; -- ;\n",
    'select \';\' as "a";',
  ]) {
    const file = join(paths.data, 'answer.csv')
    await exportToFile(database, sql, 'csv', file)
    assert.equal(await readFile(file, 'utf8'), 'a\n;\n', sql)
  }
})

async function tablesOf(database: LakeDatabase, sql: string): Promise<string[]> {
  const all: string[] = []
  for await (const table of tables(database, sql)) all.push(table)
  return all
}
