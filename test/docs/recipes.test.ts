import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { type Paths, PROJECT } from '../../lib/paths.ts'
import type { Row } from '../support/lake-reader.ts'
import { openForTest, rowsOf } from '../support/query-lake.ts'
import { DETECTED, NIGHTS, supernovaLake } from '../support/supernova-lake.ts'

const CANDIDS = DETECTED.map(({ candid }) => candid)

test('the SQL of docs/recipes.md', async t => {
  const recipes = await sqlRecipes()
  const paths = await supernovaLake(t)
  const [cones, averages] = [
    ['alerts of the objects in a cone', 'DuckDB, without make'],
    ['make sql', 'DuckDB'],
  ]
  // views.test.ts tests the recipe of exposures.
  assert.deepEqual([...recipes.keys()], [...cones, 'MJD and UTC', 'each exposure once', ...averages])
  const ask = (title: string) => answer(t, paths, title, recipes.get(title) as string)

  await t.test('finds the alerts of a cone, with and without make', async () => {
    for (const title of cones)
      assert.deepEqual(
        (await ask(title)).map(({ candid }) => candid),
        CANDIDS,
      )
  })

  await t.test('converts Julian dates to MJD and UTC', async () => {
    const sql = `select *, epoch(utc) as seconds from (${recipes.get('MJD and UTC')})`
    const found = (await rowsOf(await openForTest(t, paths), sql)).filter(({ candid }) =>
      CANDIDS.includes(candid as bigint),
    )
    assert.deepEqual(
      found.map(({ mjd }) => mjd),
      DETECTED.map(({ jd }) => jd - 2_400_000.5),
    )
    for (const [i, { seconds }] of found.entries()) {
      const { jd } = DETECTED[i] as (typeof DETECTED)[number]
      assert.ok(Math.abs((seconds as number) - (jd - 2_440_587.5) * 86_400) < 0.01, `${seconds}`)
    }
  })

  await t.test('leaves missing values out of averages', async () => {
    const all = NIGHTS.flatMap(({ alerts }) =>
      alerts.map(({ values }) => (values.candidate as Row).distpsnr1 as number | null),
    ).filter(value => value !== null)
    const known = all.filter(value => value !== -999)
    assert.ok(known.length < all.length)
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length
    for (const title of averages) {
      const [found = Number.NaN] = Object.values((await ask(title))[0] as Row)
      assert.ok(Math.abs((found as number) - mean) < 1e-4, `${title}: ${found} and ${mean}`)
    }
  })
})

/** The blocks of SQL, by the comment in their first line. */
async function sqlRecipes(): Promise<Map<string, string>> {
  const page = await readFile(join(PROJECT, 'docs/recipes.md'), 'utf8')
  return new Map(
    [...page.matchAll(/^```sql\n-- ([^\n]+)\n(.*?)^```/gms)].map(([, title = '', sql = '']) => [title, sql]),
  )
}

/** Runs a recipe as `make sql` or, if its title names DuckDB, in DuckDB alone. */
async function answer(t: TestContext, paths: Paths, title: string, sql: string): Promise<Row[]> {
  if (!title.startsWith('DuckDB')) return rowsOf(await openForTest(t, paths), sql)
  const database = await DuckDB.open()
  t.after(() => database.close())
  return rowsOf(database, sql.replaceAll("'data/", `'${paths.data}/`))
}
