import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { COLUMNS } from '../../lib/curve/columns.ts'
import type { ObjectCurve } from '../../lib/curve/read.ts'
import { writeToFile, writeToStream } from '../../lib/curve/write.ts'
import { curve } from '../support/curves.ts'
import { temporaryFolder } from '../support/folder.ts'

const ROW = { jd: 2458300.7084491, fid: 2, band: 'r', magpsf: Math.fround(18.3919), candid: 500178444615010000n }

test('Parquet has the types of the columns, and null for missing values', async t => {
  const folder = await temporaryFolder(t)
  const path = join(folder, "it's [a] curve.parquet")
  await writeToFile(curves(), 'parquet', path)
  assert.deepEqual(await readdir(folder), ["it's [a] curve.parquet"])
  const table = `read_parquet('${path.replace("'", "''").replace('[', '[[]')}')`
  const rows = await query(`select jd, fid, band, magpsf, sigmapsf, candid, procstatus from ${table}`)
  assert.deepEqual(rows, [
    { ...ROW, sigmapsf: null, procstatus: null },
    { ...ROW, jd: 7, sigmapsf: null, procstatus: null },
  ])
  const types = await query(`select column_name as name, column_type as type from (describe select * from ${table})`)
  assert.deepEqual(
    types.map(({ name }) => name),
    COLUMNS.map(({ name }) => name),
  )
  const typeOf = Object.fromEntries(types.map(({ name, type }) => [name, type]))
  const { objectId, jd, magpsf, candid, fid } = typeOf
  assert.deepEqual([objectId, jd, magpsf, candid, fid], ['VARCHAR', 'DOUBLE', 'FLOAT', 'BIGINT', 'INTEGER'])
})

test('a stream gets the text of the file, and stays open', async t => {
  const [path, stream] = [join(await temporaryFolder(t), 'curve.csv'), new PassThrough()]
  await writeToFile(curves(), 'csv', path)
  const received = text(stream)
  await writeToStream(curves(), 'csv', stream)
  stream.end('more')
  assert.equal(await received, `${await readFile(path, 'utf8')}more`)
})

for (const format of ['csv', 'parquet'] as const)
  test(`a failure leaves the previous ${format} file, and no temporary one`, async t => {
    const folder = await temporaryFolder(t)
    const path = join(folder, 'curve')
    await writeFile(path, 'previous')
    const failure = Object.assign(new Error('unreadable'), { syscall: 'open', code: 'ENOENT', path: '/lake/file' })
    await assert.rejects(writeToFile(curves(failure), format, path), { message: 'unreadable', path: '/lake/file' })
    assert.deepEqual([await readdir(folder), await readFile(path, 'utf8')], [['curve'], 'previous'])
  })

test('an error names the file, not its temporary file', async t => {
  const path = join(await temporaryFolder(t), 'no', 'folder', 'curve')
  for (const format of ['json', 'parquet'] as const)
    await assert.rejects(writeToFile(curves(), format, path), { code: 'ENOENT', path })
})

async function* curves(failure?: Error): AsyncGenerator<ObjectCurve> {
  yield curve('ZTF18aaxcyzb', [ROW])
  if (failure) throw failure
  yield curve('ZTF24abcdefg', [{ ...ROW, jd: 7 }])
}
