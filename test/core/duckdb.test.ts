import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DuckDB, literal, literalPath, query, type Rows } from '../../lib/core/duckdb.ts'
import { temporaryFolder } from '../support/folder.ts'

test('counts statements, and neither comments nor blanks', async t => {
  const database = await open(t)
  const counts = await Promise.all(
    ['select 1; select 2;', 'select 1', '-- none', ' ; ', ''].map(sql => database.count(sql)),
  )
  assert.deepEqual(counts, [2, 1, 0, 0, 0])
})

test('yields the first rows of each statement that returns rows', async t => {
  const database = await open(t)
  const results: Rows[] = []
  const sql = 'create table t as select range::int as i from range(5); select i, i as i from t; select 1 as one'
  for await (const rows of database.answers(sql, 3)) results.push(rows)
  assert.deepEqual(results, [
    {
      columns: [
        { name: 'i', type: 'INTEGER' },
        { name: 'i:1', type: 'INTEGER' },
      ],
      rows: [0, 1, 2].map(i => [i, i]),
      more: true,
    },
    { columns: [{ name: 'one', type: 'INTEGER' }], rows: [[1]], more: false },
  ])
})

test('shortens errors to one line, and keeps the cause', async () => {
  await assert.rejects(query('select\n  nothing'), (error: Error) => {
    assert.match(error.message, /^Binder Error: [^\n]*nothing[^\n]*$/)
    return error.cause instanceof Error
  })
})

for (const [path, hint] of [
  ['year=2020/month=01/day=01/night.parquet', 'make check names the damaged night, make repair rebuilds it'],
  ['year=2020/month=01/objects.parquet', 'make repair rebuilds the index'],
] as const)
  test(`suggests a repair for an error that names ${path}`, async t => {
    const file = join(await temporaryFolder(t), path)
    await assert.rejects(query(`from ${literalPath(file)}`), { message: new RegExp(`^[^\\n]+: ${hint}$`) })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'no parquet')
    await assert.rejects(query(`from ${literalPath(file)}`), { message: new RegExp(`^[^\\n]+: ${hint}$`) })
  })

test('reads exactly the file of a path with quotes and glob characters', async t => {
  const folder = await temporaryFolder(t)
  for (const name of ["it's [1]*?.csv", "it's 1xx.csv"]) await writeFile(join(folder, name), `name\n${name}\n`)
  const path = join(folder, "it's [1]*?.csv")
  assert.deepEqual(await query(`select name from read_csv(${literalPath(path)})`), [{ name: "it's [1]*?.csv" }])
  assert.equal(literal("it's"), "'it''s'")
})

test('tries a statement again, and only it, once the view that it lacks was created', async t => {
  const database = await open(t)
  const asked: string[] = []
  database.onMissing = async name => {
    asked.push(name)
    if (name === 'inner') await database.query('create table "inner" as select 7 as seven')
    if (name === 'outer') await database.query('create view "outer" as from "inner"')
    return name !== 'nothing'
  }
  const rows: unknown[] = []
  for await (const answer of database.answers(
    'create table once as select 1; select seven from "Outer"; from once',
    10,
  ))
    rows.push(answer.rows)
  assert.deepEqual(rows, [[[7]], [[1]]])
  assert.deepEqual(asked, ['outer', 'inner'])
  await assert.rejects(database.query('from nothing'), /^Error: Catalog Error: Table with name nothing does not exist/)
})

async function open(t: TestContext): Promise<DuckDB> {
  const database = await DuckDB.open()
  t.after(() => database.close())
  return database
}
