import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { tables } from '../../lib/query/table.ts'

test('a table has numbers on the right, other columns on the left, and floats as 32-bit decimals', async t => {
  const sql = "select 'a' as name, 19.267387::float as mag, null as nothing union all select 'long', 7, null"
  assert.deepEqual(await tablesOf(t, sql), [
    'name        mag  nothing\na     19.267387     NULL\nlong          7     NULL\n(2 rows)',
  ])
})

test('a table ends after 100 rows, and says so', async t => {
  const [table = ''] = await tablesOf(t, 'select 1 as one from range(101)')
  assert.equal(table.split('\n').length, 102)
  assert.ok(table.endsWith('\n(the first 100 rows; FORMAT=csv, json or parquet gives all)'))
  assert.match((await tablesOf(t, 'select 1 as one from range(100)'))[0] ?? '', /\n\(100 rows\)$/)
})

test('long values are cut, and control characters are escaped', async t => {
  const [table] = await tablesOf(t, "select repeat('x', 100) as wide, e'a\\nb\\x1b[31m' as control")
  assert.equal(table?.split('\n')[1], `${'x'.repeat(59)}…  a\\u{a}b\\u{1b}[31m`)
})

test('lines are cut at the width of the terminal', async t => {
  const [table] = await tablesOf(t, "select 'abcdef' as name, 'ghijkl' as other", 10)
  assert.equal(table, 'name    o…\nabcdef  g…\n(1 row)')
})

test('each statement that returns rows has a table', async t => {
  const sql = "create table x as select 42 as a;\nselect a from x;\nselect 'b' as text union all select 'long';\n"
  assert.deepEqual(await tablesOf(t, sql), [' a\n42\n(1 row)', 'text\nb\nlong\n(2 rows)'])
})

async function tablesOf(t: TestContext, sql: string, width?: number): Promise<string[]> {
  const database = await DuckDB.open()
  t.after(() => database.close())
  const all: string[] = []
  for await (const table of tables(database, sql, width)) all.push(table)
  return all
}
