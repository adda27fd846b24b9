import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SETTINGS_TABLES, withTables } from '../../lib/docs/tables.ts'
import { PROJECT } from '../../lib/paths.ts'

const START = '<!-- sizes: made by make docs -->'
const END = '<!-- end of sizes -->'

test('the table of docs/settings.md is up to date', async () => {
  const page = await readFile(join(PROJECT, 'docs/settings.md'), 'utf8')
  assert.equal(page, withTables(page, SETTINGS_TABLES), 'run make docs')
})

test('a table replaces what is between its markers', () => {
  const page = withTables(`before\n${START}\nold\n${END}\nafter`, { sizes: 'new' })
  assert.equal(page, `before\n${START}\nnew\n${END}\nafter`)
})

test('a page without the markers of a table is refused', () => {
  for (const page of ['', `${START}\nold`, `old\n${END}`])
    assert.throws(() => withTables(page, { sizes: 'new' }), /^Error: no markers for the table of sizes: expected /)
})
