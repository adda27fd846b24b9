import assert from 'node:assert/strict'
import { test } from 'node:test'
import { convert, dataFolder } from '../support/data-folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { runPython } from '../support/python.ts'
import type { SchemaField } from '../support/schema-variants.ts'

/** Fields that each night brings, and the columns that they get. */
const NIGHTS = [
  [{ name: 'colour', type: 'double', column: 'colour' }],
  [
    { name: 'colour', type: 'string', column: 'colour_string' },
    { name: 'night', type: 'int', column: 'night_int' },
  ],
  [
    {
      name: 'Colour',
      type: { type: 'record', name: 'c', fields: [{ name: 'z', type: 'double' }] },
      column: 'Colour_record',
    },
    { name: 'year', type: 'int', column: 'year_int' },
  ],
  [{ name: 'colour', type: { type: 'array', items: 'string' }, column: 'colour_array' }],
  [{ name: 'colour', type: 'double', column: 'colour' }],
]

test('Spark, pyarrow, Polars and DuckDB read fields that nights bring with the same name, but other types', async t => {
  const paths = await dataFolder(t)
  const nights: SyntheticNight[] = []
  for (const [i, fields] of NIGHTS.entries()) {
    // A named type may be defined once only.
    const [added, again] = ['', '2'].map(suffix =>
      fields.map(({ name, type }): SchemaField => ({ name, type: ['null', renamed(type, suffix)], default: null })),
    ) as [SchemaField[], SchemaField[]]
    const extra = { alert: added, candidate: again }
    const night = makeNight({
      ...{ night: `2026060${i + 1}`, alerts: 6, edges: 0 },
      schemas: [{ version: '4.02', style: 'go', extra }],
    })
    const { damaged, newColumns } = await convert(paths, night)
    assert.equal(damaged, 0)
    for (const { column } of fields) assert.ok(newColumns.includes(column), newColumns.join())
    nights.push(night)
  }
  const columns = [...new Set(NIGHTS.flat().flatMap(({ column }) => [column, `candidate.${column}`]))]
  const found = (await runPython('new_columns.py', paths.lake, ...columns)) as Record<string, Record<string, Row>>
  const expected = Object.fromEntries(
    nights.flatMap(({ alerts }, i) => alerts.map(({ values }) => [String(values.candid), rowOf(values, i, columns)])),
  )
  assert.deepEqual(Object.keys(found), ['Spark', 'pyarrow', 'Polars', 'DuckDB'])
  for (const [reader, rows] of Object.entries(found)) assert.deepEqual(rows, expected, reader)
  for (const column of columns)
    assert.ok(
      Object.values(expected).some(row => row[column] !== null),
      column,
    )
})

/** Values of an alert of night `i` in all new columns. */
function rowOf(values: Row, i: number, columns: readonly string[]): Row {
  const row: Row = Object.fromEntries(columns.map(column => [column, null]))
  for (const { name, column } of NIGHTS[i] ?? []) {
    row[column] = values[name]
    row[`candidate.${column}`] = (values.candidate as Row)[name]
  }
  return row
}

function renamed(type: string | object, suffix: string): string | object {
  return typeof type === 'object' && 'name' in type ? { ...type, name: `${type.name}${suffix}` } : type
}
