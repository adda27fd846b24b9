import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { exportToFile, exportToStream } from '../../lib/query/export.ts'
import { LakeDatabase } from '../../lib/query/lake-database.ts'
import { dataFolder } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'

const SQL = 'select range as n from range(1000) -- a comment'

for (const format of ['csv', 'json', 'parquet'] as const)
  test(`a ${format} file has all rows`, async t => {
    const file = join(await temporaryFolder(t), `result.${format}`)
    await exportToFile(await open(t), 'select range as n from range(1000); ', format, file)
    assert.deepEqual(await query(`select count(*)::int as n, sum(n)::int as sum from '${file}'`), [
      { n: 1000, sum: 499_500 },
    ])
  })

test('a stream gets the bytes of the file, and stays open', async t => {
  const [database, file, stream] = [await open(t), join(await temporaryFolder(t), 'result'), new PassThrough()]
  await exportToFile(database, SQL, 'csv', file)
  const received = text(stream)
  await exportToStream(database, SQL, 'csv', stream)
  stream.end('more')
  assert.equal(await received, `${await readFile(file, 'utf8')}more`)
})

test('a failed query leaves the previous file, and no temporary one', async t => {
  const [database, folder] = [await open(t), await temporaryFolder(t)]
  const file = join(folder, 'result.csv')
  await writeFile(file, 'previous')
  for (const sql of ['select nothing', "select cast('a' as int)"])
    await assert.rejects(exportToFile(database, sql, 'csv', file))
  assert.deepEqual([await readdir(folder), await readFile(file, 'utf8')], [['result.csv'], 'previous'])
})

test('several statements, or none, are an error', async t => {
  const [database, file] = [await open(t), join(await temporaryFolder(t), 'result')]
  for (const [sql, count] of [
    ['select 1; select 2', 2],
    [' ; ', 0],
  ] as const)
    await assert.rejects(exportToFile(database, sql, 'json', file), {
      message: `FORMAT=json takes one select statement: the SQL has ${count}`,
    })
})

async function open(t: TestContext): Promise<LakeDatabase> {
  const database = await LakeDatabase.open(await dataFolder(t), () => true)
  t.after(() => database.close())
  return database
}
