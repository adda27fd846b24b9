import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { columnsPage, columnsTable } from '../../lib/docs/columns.ts'
import { PROJECT } from '../../lib/paths.ts'

test('docs/columns.md is up to date', async () => {
  assert.equal(await readFile(join(PROJECT, 'docs/columns.md'), 'utf8'), columnsPage(), 'run make docs')
})

test('a column is listed under its path in the lake', () => {
  assert.match(columnsTable('alert'), /^\| `candid` \| int64 \|/m)
  assert.match(columnsTable('candidate'), /^\| `candidate\.jd` \| float64 \|/m)
  assert.match(columnsTable('fp_hist'), /^\| `fp_hists\[\]\.procstatus` \| string \|/m)
})

test('a record that is the type of several columns is listed under each', () => {
  const columns = ['cutoutScience', 'cutoutTemplate', 'cutoutDifference'].map(name => `\`${name}.stampData\``)
  assert.ok(columnsTable('cutout').includes(`| ${columns.join(', ')} | binary |`))
})
