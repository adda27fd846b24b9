import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { RECORDS } from '../../lib/alerts/fields.ts'
import { DuckDB, query } from '../../lib/core/duckdb.ts'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { Paths } from '../../lib/paths.ts'
import { prompt } from '../../lib/query/prompt.ts'
import { openLake, VIEWS } from '../../lib/query/views.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import type { SchemaField } from '../../lib/synthetic/schema.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { plain, type Row } from '../support/lake-reader.ts'
import { PROJECT, type Ran, type RunOptions, run } from '../support/run.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12, edges: 0 }),
  makeNight({ night: '20191003', alerts: 7, edges: 0 }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4, edges: 0 }),
  makeNight({ night: '20250325', alerts: 9, edges: 0, duplicates: [2] }),
]
const [FIRST, , , LAST] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight, SyntheticNight]
const ALERTS = NIGHTS.flatMap(({ alerts }) => alerts.filter(({ duplicate }) => !duplicate))
const ALL = () => true

test('a folder whose name is a pattern to DuckDB is that folder alone', async t => {
  const folder = await temporaryFolder(t)
  const [odd, other] = ['a?c', 'abc'].map(name => new Paths(join(folder, name))) as [Paths, Paths]
  for (const paths of [odd, other]) {
    await mkdir(paths.tarballs, { recursive: true })
    await convert(paths, FIRST)
  }
  const database = await openLake(odd, ALL)
  const count = 'select (select count(*)::int from alerts) as alerts, (select count(*)::int from nights) as nights'
  assert.deepEqual(await rows(database, count), [{ alerts: 12, nights: 1 }])
  database.close()
})

test('the views hold every alert, its candidate flat, each exposure it tells of, and each night', async t => {
  const { paths, database } = await lake(t)
  const exposures = ALERTS.flatMap(
    ({ values }) => [values.candidate, ...((values.prv_candidates as Row[] | null) ?? [])] as Row[],
  )
  const count = async (sql: string) => (await rows(database, `select count(*)::int n from ${sql}`))[0]?.n
  assert.equal(await count('alerts'), ALERTS.length)
  assert.equal(await count('detections'), exposures.length)
  assert.equal(await count('detections where is_limit'), exposures.filter(({ candid }) => candid === null).length)
  assert.ok(((await count('detections where is_limit')) as number) > 10)
  assert.deepEqual(
    await rows(database, 'select candid, objectId, magpsf, jd, objectidps1 from candidates order by candid'),
    ALERTS.map(({ values: { candid, objectId, candidate } }) => {
      const { magpsf, jd, objectidps1 } = candidate as Row
      return { candid, objectId, magpsf, jd, objectidps1 }
    }).sort((a, b) => Number((a.candid as bigint) - (b.candid as bigint))),
  )
  const nights = await rows(
    database,
    'select tarball, night::varchar as night, state, alerts, files, lakeBytes from nights order by tarball',
  )
  assert.deepEqual(
    nights.map(({ tarball, night, state, alerts }) => [tarball, night, state, alerts]),
    [
      [FIRST.name, '2018-07-13', 'whole', 12],
      [NIGHTS[1]?.name, '2019-10-03', 'whole', 7],
      [NIGHTS[2]?.name, '2019-10-03', 'whole', 4],
      [LAST.name, '2025-03-25', 'whole', 9],
      ['ztf_public_20250326.tar.gz', '2025-03-26', 'empty', 0],
    ],
  )
  const manifest = JSON.parse(await readFile(paths.manifest(nightOf(FIRST.name)), 'utf8')) as Manifest
  assert.deepEqual([nights[0]?.files, nights[0]?.lakeBytes], [1n, BigInt(manifest.files[0]?.bytes ?? -1)])
})

test('a detection has every field of prv_candidates, of an alert’s own candidate too', async t => {
  const { database } = await lake(t)
  const columns = (await rows(database, 'describe detections')).map(({ column_name }) => column_name)
  assert.deepEqual(columns, [
    'objectId',
    'alert',
    ...RECORDS.prv_candidate.map(({ name }) => name),
    'is_limit',
    'night',
    'year',
    'month',
    'day',
  ])
  const own = await rows(database, 'select alert, magpsf from detections where alert = candid order by alert')
  assert.deepEqual(own, await rows(database, 'select candid as alert, magpsf from candidates order by candid'))
})

test('a night that is chosen by its date is the only one whose files are read', async t => {
  const { paths, database } = await lake(t)
  await writeFile(join(paths.partition(nightOf(LAST.name)), parquetOf(LAST)), 'no Parquet at all')
  for (const where of ["night = '2018-07-13'", 'year = 2018', "night between '2018-01-01' and '2019-12-31'"])
    for (const view of ['alerts', 'candidates', 'detections'])
      assert.ok((await rows(database, `select objectId from ${view} where ${where}`)).length >= 12)
  await assert.rejects(rows(database, 'select max(magpsf) from candidates'))
})

test('no view reads what is half built, is no night’s, or is in no manifest', async t => {
  const paths = await filled(t)
  await mkdir(join(paths.lake, '_staging', 'ztf_public_20200101'), { recursive: true })
  const stray = [
    join(paths.lake, '_staging', 'ztf_public_20200101', 'ztf_public_20200101-00000000-0000.parquet'),
    join(paths.lake, 'stray.parquet'),
    join(paths.manifests, 'ztf_public_20200101.json.part'),
  ]
  for (const path of stray) await writeFile(path, 'no Parquet at all')
  await writeFile(join(paths.partition(nightOf(FIRST.name)), 'ztf_public_20180713.parquet.part'), 'half of it')
  await unlink(paths.manifest(nightOf(LAST.name)))
  const database = await openLake(paths, ALL)
  t.after(() => database.close())
  const [{ n } = {}] = await rows(database, 'select count(*)::int n from alerts')
  assert.equal(n, ALERTS.length - 9)
})

test('the views hold the selected nights alone', async t => {
  const paths = await filled(t)
  const database = await openLake(paths, date => date.startsWith('2019'))
  t.after(() => database.close())
  assert.deepEqual(await rows(database, 'select distinct night::varchar as night from candidates'), [
    { night: '2019-10-03' },
  ])
  assert.deepEqual(await rows(database, 'select count(*)::int n from nights'), [{ n: 2 }])
})

test('columns that only some nights have are in the views, whichever night comes first', async t => {
  const colour: SchemaField = { name: 'colour', type: ['null', 'double'], default: null }
  const extra = { alert: [colour], candidate: [colour], prv_candidate: [colour] }
  const [strange, usual] = [{ version: '4.02', style: 'go', extra } as const, { version: '4.02', style: 'go' } as const]
  for (const writings of [
    [strange, usual],
    [usual, strange],
  ]) {
    const paths = await dataFolder(t)
    for (const [i, writing] of writings.entries())
      await convert(paths, makeNight({ night: `2024010${i + 1}`, alerts: 3, edges: 0, schemas: [writing] }))
    const database = await openLake(paths, ALL)
    t.after(() => database.close())
    for (const view of ['alerts', 'candidates', 'detections']) {
      const columns = (await rows(database, `describe ${view}`)).map(({ column_name }) => column_name)
      assert.ok(columns.includes('colour'), view)
      const [{ n } = {}] = await rows(database, `select count(*)::int n from ${view}`)
      await database.query(`create or replace table copied as select * from ${view}`)
      assert.deepEqual(await rows(database, 'select count(*)::int n from copied'), [{ n }])
    }
  }
})

test('a lake without alerts is told in one sentence', async t => {
  const paths = await dataFolder(t)
  await assert.rejects(openLake(paths, ALL), { message: `${paths.lake} holds no alerts: run make lake first` })
  await convert(paths, emptyNight('20250326', 'tar'))
  await assert.rejects(openLake(paths, ALL), {
    message: `${paths.lake} holds no alerts of these nights, as nothing was seen in them: give other NIGHTS`,
  })
  await assert.rejects(
    openLake(paths, () => false),
    {
      message: `${paths.lake} has none of these nights, but 1 other: give other NIGHTS, or run make lake`,
    },
  )
})

test('make sql takes SQL as it is, and nothing of it reaches a shell or make', async t => {
  const paths = await filled(t)
  const marker = join(paths.data, 'reached')
  const odd = `$(shell touch ${marker}) \`touch ${marker}\` $$ $x \${HOME} # % \\ "q" , ; && || ; touch ${marker}; é`
  const sql = `select '${odd}' as odd,\n  'it''s' as quote -- a comment`
  for (const [args, options] of [
    [[`Q=${sql}`], {}],
    [[], { env: { Q: sql } }],
    [[], { input: sql }],
  ] as [string[], RunOptions][]) {
    const { status, out, err } = await make(paths, ['FORMAT=json', ...args], options)
    assert.deepEqual([status, err], [0, ''])
    assert.deepEqual(JSON.parse(out), [{ odd, quote: "it's" }])
  }
  const others = await run('make', ['-n', 'lake', `DATA=${paths.data}`], { env: { Q: sql } })
  assert.equal(others.err, '')
  assert.ok(!existsSync(marker))
})

test('a table is aligned, numbers to the right, floats in the digits that they have', async t => {
  const paths = await filled(t)
  const { out } = await make(paths, [
    "Q=select 'a' as name, 19.267387::float as mag, null as nothing union all select 'long', 7, null",
  ])
  assert.equal(out, 'name        mag  nothing\na     19.267387     NULL\nlong          7     NULL\n(2 rows)\n')
})

test('a table states where it stops, and what is too wide is cut', async t => {
  const paths = await filled(t)
  const { out } = await make(paths, ["Q=select repeat('x', 100) as wide, e'a\\nb\\x1b[31m' as control from range(101)"])
  const lines = out.trimEnd().split('\n')
  assert.equal(lines.length, 102)
  assert.equal(lines[1], `${'x'.repeat(59)}…  a\\u{a}b\\u{1b}[31m`)
  assert.equal(lines.at(-1), '(the first 100 rows; FORMAT=csv, json or parquet gives all)')
})

test('several statements answer one after the other', async t => {
  const paths = await filled(t)
  const { status, out } = await make(paths, [], {
    input: 'create table x as select 42 as a;\nselect a from x;\nselect count(*)::int as n from nights;\n',
  })
  assert.deepEqual([status, out], [0, ' a\n42\n(1 row)\nn\n5\n(1 row)\n'])
})

test('CSV, JSON and Parquet hold all rows, in a file or on standard output', async t => {
  const paths = await filled(t)
  const sql = 'Q=select candid, objectId, magpsf, night from candidates order by candid; '
  const expected = ALERTS.map(({ values }) => values.candid as bigint).sort((a, b) => Number(a - b))
  for (const format of ['csv', 'json', 'parquet']) {
    const file = join(paths.data, `answer.${format}`)
    const { status, out, err } = await make(paths, [sql, `FORMAT=${format}`, `OUT=${file}`])
    assert.deepEqual([status, out, err], [0, '', ''])
    assert.deepEqual(
      (await query(`select candid::bigint as candid from '${file}'`)).map(({ candid }) => candid),
      expected,
    )
    if (format !== 'parquet')
      assert.equal((await make(paths, [sql, `FORMAT=${format}`])).out, await readFile(file, 'utf8'))
  }
})

test('a query that fails leaves the file that was there, and nothing beside it', async t => {
  const paths = await filled(t)
  const folder = await temporaryFolder(t)
  const file = join(folder, 'answer.csv')
  await writeFile(file, 'former')
  for (const sql of ['select nothing', 'select cast(objectId as int) from candidates', 'select 1; select 2', ' ; '])
    assert.notEqual((await make(paths, [`Q=${sql}`, 'FORMAT=csv', `OUT=${file}`])).status, 0)
  assert.deepEqual([await readdir(folder), await readFile(file, 'utf8')], [['answer.csv'], 'former'])
})

for (const [what, args, says] of [
  ['SQL that is none', ['Q=selec 1'], /^error: Parser Error: syntax error at or near "selec"\n/],
  [
    'a column that does not exist',
    ['Q=select foo from alerts'],
    /^error: Binder Error: Referenced column "foo" not found[^\n]*\n/,
  ],
  [
    'Parquet without a file',
    ['Q=select 1', 'FORMAT=parquet'],
    /^error: FORMAT=parquet needs a file: give OUT=answer\.parquet\n/,
  ],
  [
    'a file without a format',
    ['Q=select 1', 'OUT=x'],
    /^error: OUT is a file for programs: give FORMAT=csv, json or parquet with it\n/,
  ],
  ...['Q=;', 'Q=-- nothing', 'Q= '].map(
    nothing =>
      [
        `SQL that says nothing (${nothing})`,
        [nothing],
        /^error: there is no SQL: give Q="select \.\.\.", or SQL/,
      ] as const,
  ),
  ['no SQL at all', [], /^error: there is no SQL: give Q="select \.\.\.", or SQL on standard input\n/],
] as const)
  test(`make sql tells of ${what} in one sentence`, async t => {
    const { status, out, err } = await make(await filled(t), [...args])
    assert.deepEqual([status, out], [2, ''])
    assert.match(err, says)
    assert.match(err, /^[^\n]+\nmake: \*\*\* [^\n]+\n$/)
  })

test('the SQL that README.md gives has each exposure once, and no limit beside a detection of it', async t => {
  const page = await readFile(join(PROJECT, 'README.md'), 'utf8')
  const [, sql = ''] = /```sql\n(select distinct on[^`]*from detections[^`]*)```/.exec(page) ?? []
  const database = await DuckDB.open()
  t.after(() => database.close())
  await database.query(`create table detections as select * from (values
    ('a', 1, 1, null, 11), ('a', 1, 1, 7, 12), ('a', 1, 1, 7, 13), ('a', 2, 1, null, 12), ('a', 2, 1, null, 13),
    ('a', 1, 2, null, 12), ('b', 1, 1, null, 14)) rows(objectId, jd, fid, candid, alert)`)
  assert.deepEqual(
    (await rows(database, `select objectId, jd, fid, candid from (${sql}) order by all`)).map(Object.values),
    [
      ['a', 1, 1, 7],
      ['a', 1, 2, null],
      ['a', 2, 1, null],
      ['b', 1, 1, null],
    ],
  )
})

test('make sql tells of a file of the lake that is cut what to do next, and of another only what it is', async t => {
  const paths = await filled(t)
  const other = join(paths.data, 'other.parquet')
  for (const file of [other, join(paths.partition(nightOf(LAST.name)), parquetOf(LAST))])
    await writeFile(file, 'no Parquet at all')
  const cut = await make(paths, ['Q=select max(magpsf) from candidates'])
  assert.match(
    cut.err,
    /^error: Invalid Input Error: [^\n]+\.parquet': make check names the damaged night, make repair rebuilds it\n/,
  )
  assert.match((await make(paths, [`Q=from '${other}'`])).err, /^error: Invalid Input Error: [^\n]+other\.parquet'\n/)
})

test('the prompt answers statements of several lines, survives errors, and tells the views', async t => {
  const { database } = await lake(t)
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end(
    "select count(*)::int as n\nfrom nights\nwhere state = 'whole';\n\nselec;\n.help\nselect 7 as seven;\n.quit\nselect 8;\n",
  )
  const said = text(output)
  await prompt(database, { input, output })
  output.end()
  const out = await said
  assert.match(out, /ztf> .*\n? *-> .*n\n4\n\(1 row\)/s)
  assert.match(out, /error: Parser Error: syntax error at or near "selec"\n/)
  for (const name of Object.keys(VIEWS)) assert.match(out, new RegExp(`^(ztf> )?${name} `, 'm'))
  assert.match(out, /seven\n {4}7\n\(1 row\)/)
  assert.doesNotMatch(out, /^8$/m)
})

async function filled(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of [...NIGHTS, emptyNight('20250326', 'tar')]) await convert(paths, night)
  return paths
}

async function lake(t: TestContext): Promise<{ paths: Paths; database: DuckDB }> {
  const paths = await filled(t)
  const database = await openLake(paths, ALL)
  t.after(() => database.close())
  return { paths, database }
}

async function rows(database: DuckDB, sql: string): Promise<Row[]> {
  return (await database.query(sql)).map(row => plain(row) as Row)
}

function make(paths: Paths, args: string[], options: RunOptions = {}): Promise<Ran> {
  return run('make', ['sql', `DATA=${paths.data}`, ...args], options)
}
