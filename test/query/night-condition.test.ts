import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { analyse } from '../../lib/query/night-condition.ts'

const CONDITIONS: [condition: string, nights: number][] = [
  ["night = '2020-01-02'", 1],
  ["a.night = date '2020-01-02' and fid = 1", 1],
  ["'2020-01-02' >= NIGHT and candid = 516401800615015114", 2],
  ["night between '2020-02-01' and '2020-02-03' and exists(select 1) is not null", -1],
  ['year = 2020 and (month = 1 or month = 3) and day in (1, 2)', 4],
  ['not (month < 12)', 31],
  ["night = '1999-01-01'", 0],
  ["night::varchar like '2020-01-1%'", -1],
  ['year = 2020 or fid = 2', -1],
  ['candidate.day = 5', -1],
  ['b.day = 5', -1],
  ['fid = 1', -1],
  ['night > current_date - 7', -1],
]

for (const [condition, count] of CONDITIONS)
  test(`finds the nights that a query reads where ${condition}`, async t => {
    const database = await open(t)
    const { isQuery, nights } = await analyse(database, `select fid from alerts a where ${condition}`, 'from nights')
    assert.equal(isQuery, true)
    assert.equal(nights === undefined ? -1 : (await database.query(nights)).length, count)
  })

test("uses the query's name for the view", async t => {
  const database = await open(t)
  for (const sql of ['from alerts where alerts.day = 5', 'from Detections where detections.day = 5'])
    assert.equal((await database.query((await analyse(database, sql, 'from nights')).nights ?? '')).length, 12, sql)
})

test('returns no nights for a query that reads more than one view, or a sample', async t => {
  const database = await open(t)
  for (const sql of [
    'from alerts',
    'from nights where day = 5',
    'from other.alerts where day = 5',
    'from alerts, nights where day = 5',
    'from alerts where day = 5; from alerts',
    'from alerts where day = 5 union all from alerts',
    'with nights as (from alerts) from alerts where day = 5',
    'select (select count(*) from alerts) from alerts where day = 5',
    'from alerts where day = 5 and candid in (select candid from alerts)',
    'from (from alerts) where day = 5',
    'from alerts tablesample 10% where day = 5',
    'select * from alerts where day = 5 using sample 3',
    'from alerts as a(night, year, month, day) where day = 5',
    'pivot alerts on day',
    'summarize alerts',
    'selec',
    '',
  ])
    assert.equal((await analyse(database, sql, 'from nights')).nights, undefined, sql)
})

test('a description reads one file', async t => {
  assert.equal((await analyse(await open(t), 'describe alerts', 'from nights')).nights, 'from nights limit 1')
})

test('distinguishes queries from statements that may change a view', async t => {
  const database = await open(t)
  for (const [sql, isQuery] of [
    ['select 1; from alerts', true],
    ['describe alerts', true],
    ['create view alerts as select 1', false],
    ['create macro n() as (select count(*) from alerts); select 1', false],
    ['prepare q as from alerts', false],
    ['set search_path = other', false],
    ["attach 'other.db'", false],
  ] as const)
    assert.equal((await analyse(database, sql, 'from nights')).isQuery, isQuery, sql)
})

async function open(t: TestContext): Promise<DuckDB> {
  const database = await DuckDB.open()
  t.after(() => database.close())
  await database.query(
    `create table nights as select night::date as night, year(night) as year, month(night) as month, day(night) as day
     from range(date '2020-01-01', date '2021-01-01', interval 1 day) days(night)`,
  )
  return database
}
