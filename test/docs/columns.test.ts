import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FieldType, RECORDS } from '../../lib/alerts/fields.ts'
import { columnsPage } from '../../lib/docs/columns.ts'
import { README_TABLES, withTables } from '../../lib/docs/tables.ts'

test('docs/columns.md is what the fields say', async () => {
  const page = await readFile(join(import.meta.dirname, '../docs/columns.md'), 'utf8')
  assert.equal(page, columnsPage(), 'run make docs')
})

test("README.md's tables are what the settings and the fields say", async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
  assert.equal(readme, withTables(readme, README_TABLES), 'run make docs')
})

test('every record has its number of fields, each named once', () => {
  const counts = Object.entries(RECORDS).map(([record, fields]) => [record, fields.length])
  assert.deepEqual(Object.fromEntries(counts), { alert: 10, candidate: 103, prv_candidate: 57, fp_hist: 29, cutout: 2 })
  for (const [record, fields] of Object.entries(RECORDS)) {
    assert.equal(new Set(fields.map(field => field.name)).size, fields.length, `${record} names a field twice`)
  }
})

test('every field has a short description that fits a table', () => {
  for (const { name, unit, about } of Object.values(RECORDS).flat()) {
    assert.match(about, /^[^|\n]{5,90}$/, name)
    assert.doesNotMatch(unit, /[|\n]/, name)
  }
})

test('the fields are those measured in the archive', async t => {
  const measured = join(import.meta.dirname, '../../shared/alert-fields.csv')
  if (!existsSync(measured)) return t.skip('no ../shared/alert-fields.csv here to compare with')
  const [, ...lines] = (await readFile(measured, 'utf8')).trim().split(/\r?\n/)
  const expected = lines.map(line => {
    const [record, name, type, , since] = line.split(',')
    return [record, name, type, since]
  })
  const actual = Object.entries(RECORDS).flatMap(([record, fields]) =>
    fields.map(({ name, type, since }) => [record, name, spell(type), since]),
  )
  assert.deepEqual(actual, expected)
})

/** A type as the measured table spells it. */
function spell(type: FieldType): string {
  if (typeof type === 'string') return type
  return 'record' in type ? type.record : `array<${type.array}>`
}
