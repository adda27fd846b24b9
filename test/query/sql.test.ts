import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { nightOf, parquetOf } from '../support/data-folder.ts'
import { LAST, queryLake } from '../support/query-lake.ts'
import { type Ran, runScript } from '../support/run.ts'

test('make sql takes SQL from Q or standard input, and prints a table', async t => {
  const paths = await queryLake(t)
  const sql = 'select count(*)::int as n from nights'
  for (const ran of [await makeSql(paths, { Q: sql }), await makeSql(paths, {}, sql)])
    assert.deepEqual(ran, { status: 0, out: 'n\n5\n(1 row)\n', err: '' })
})

test('make sql writes the same result to OUT and to standard output', async t => {
  const paths = await queryLake(t)
  const settings = { Q: 'select candid, objectId from candidates order by candid; ', FORMAT: 'csv' }
  const { out } = await makeSql(paths, settings)
  const file = join(paths.data, 'result.csv')
  assert.deepEqual(await makeSql(paths, { ...settings, OUT: file }), { status: 0, out: '', err: '' })
  assert.equal(await readFile(file, 'utf8'), out)
  assert.equal(out.split('\n')[0], 'candid,objectId')
})

test('make sql describes an error in one line', async t => {
  const paths = await queryLake(t)
  const empty = 'no SQL given: give Q="select ...", or SQL on standard input'
  for (const [settings, message] of [
    [{ Q: 'selec 1' }, 'Parser Error: syntax error at or near "selec"'],
    [{ Q: 'select foo from alerts' }, 'Binder Error: Referenced column "foo" not found'],
    [{ Q: 'select 1', FORMAT: 'parquet' }, 'FORMAT=parquet needs a file: give OUT=answer.parquet'],
    [{ Q: 'select 1', OUT: 'x' }, 'OUT needs a FORMAT: give FORMAT=csv, json or parquet'],
    ...[{ Q: ';' }, { Q: '-- nothing' }, { Q: ' ' }, {}].map(settings => [settings, empty] as const),
  ] as const) {
    const { status, out, err } = await makeSql(paths, settings)
    assert.deepEqual([status, out], [1, ''])
    assert.ok(err.startsWith(`error: ${message}`), err)
    assert.match(err, /^[^\n]+\n$/)
  }
})

test('make sql does not print all of a long statement in its error', async t => {
  const { err } = await makeSql(await queryLake(t), {}, 'x'.repeat(100_000))
  assert.match(err, /^error: Parser Error: syntax error at or near "x+…\n$/)
  assert.ok(err.length < 1100, String(err.length))
})

test('the error for a corrupt file of the lake names make check and make repair', async t => {
  const paths = await queryLake(t)
  const other = join(paths.data, 'other.parquet')
  for (const file of [other, join(paths.partition(nightOf(LAST.name)), parquetOf(LAST))])
    await writeFile(file, 'not a Parquet file')
  assert.match(
    (await makeSql(paths, { Q: 'select max(candidate.magpsf) from alerts' })).err,
    /^error: Invalid Input Error: [^\n]+\.parquet': make check names the damaged night, make repair rebuilds it\n/,
  )
  assert.match(
    (await makeSql(paths, { Q: `from '${other}'` })).err,
    /^error: Invalid Input Error: [^\n]+other\.parquet'\n/,
  )
})

function makeSql(paths: Paths, settings: Record<string, string>, input = ''): Promise<Ran> {
  return runScript('sql', { DATA: paths.data, ...settings }, [], input)
}
