import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FieldType, RECORDS } from '../../lib/alerts/fields.ts'
import { SHARED } from '../support/shared.ts'

const MEASURED = join(SHARED, 'alert-fields.csv')

test('every record has its number of fields, with unique names', () => {
  const counts = Object.entries(RECORDS).map(([record, fields]) => [record, fields.length])
  assert.deepEqual(Object.fromEntries(counts), { alert: 10, candidate: 103, prv_candidate: 57, fp_hist: 29, cutout: 2 })
  for (const [record, fields] of Object.entries(RECORDS))
    assert.equal(new Set(fields.map(field => field.name)).size, fields.length, record)
})

test('every field has a short description that fits a Markdown table', () => {
  for (const { name, unit, description } of Object.values(RECORDS).flat()) {
    assert.match(description, /^[^|\n]{5,90}$/, name)
    assert.doesNotMatch(unit, /[|\n]/, name)
  }
})

test('the fields are those measured in the archive', {
  skip: existsSync(MEASURED) ? false : `no ${MEASURED}`,
}, async () => {
  const [, ...lines] = (await readFile(MEASURED, 'utf8')).trim().split(/\r?\n/)
  const expected = lines.map(line => {
    const [record, name, type, , since] = line.split(',')
    return [record, name, type, since]
  })
  const actual = Object.entries(RECORDS).flatMap(([record, fields]) =>
    fields.map(({ name, type, since }) => [record, name, typeText(type), since]),
  )
  assert.deepEqual(actual, expected)
})

/** The type as alert-fields.csv writes it. */
function typeText(type: FieldType): string {
  if (typeof type === 'string') return type
  return 'record' in type ? type.record : `array<${type.array}>`
}
