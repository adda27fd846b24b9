import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ColumnClaims } from '../../lib/lake/column-claims.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'

test('finds the columns of the nights in the lake, and those that others have claimed, in whatever case', async t => {
  const paths = await dataFolder(t)
  await convert(paths, futureNight('20260601', 'colour', 'double'))
  await rm(paths.staging, { recursive: true })
  const [one, other] = await Promise.all([ColumnClaims.open(paths), ColumnClaims.open(paths)])
  assert.deepEqual(one.find('Candidate.COLOUR'), { path: 'candidate.colour', type: 'Float64' })
  assert.equal(other.find('age'), undefined)
  assert.equal(one.claim([{ path: 'age', type: 'Int64' }]), true)
  assert.deepEqual(other.find('AGE'), { path: 'age', type: 'Int64' })
})

test('lets one of two conversions have a column, and both if they agree', async t => {
  const paths = await dataFolder(t)
  const [one, other] = await Promise.all([ColumnClaims.open(paths), ColumnClaims.open(paths)])
  const [age, host] = [
    { path: 'age', type: 'Int64' },
    { path: 'host', type: 'struct' },
  ]
  assert.equal(one.claim([age]), true)
  for (const clash of [
    { path: 'age', type: 'Utf8' },
    { path: 'Age', type: 'Int64' },
  ])
    assert.equal(other.claim([host, clash]), false)
  assert.equal(other.claim([age]), true)
  assert.equal(one.claim([host]), true)
  assert.equal(readdirSync(paths.columnClaims).length, 2)
})

test('reports a claim that cannot be read', async t => {
  const paths = await dataFolder(t)
  const claims = await ColumnClaims.open(paths)
  claims.claim([{ path: 'age', type: 'Int64' }])
  const [name = ''] = await readdir(paths.columnClaims)
  await writeFile(join(paths.columnClaims, name), '')
  const later = await ColumnClaims.open(paths)
  assert.throws(() => later.find('age'), /columns\/\w+ is corrupt, expected a column .*: run make lake again$/)
})
