import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { convert, dataFolder } from '../support/data-folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { runPython } from '../support/python.ts'
import { PROJECT } from '../support/run.ts'
import { NIGHTS } from '../support/spark-nights.ts'

test('the examples of README.md give the same rows with every reader', async t => {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  const found = (await runPython('readme.py', join(PROJECT, 'README.md'), paths.lake)) as Record<string, unknown[][]>
  assert.deepEqual(Object.keys(found), ['Spark', 'DuckDB', 'pyarrow', 'pandas', 'Polars'])
  const expected = NIGHTS.flatMap(({ name, alerts }) => (name.includes('_202001') ? alerts : [])).flatMap(
    ({ values }) => {
      const { jd, magpsf, drb } = values.candidate as Row
      return Number(drb) > 0.99 ? [[values.objectId, String(values.candid), jd, magpsf]] : []
    },
  )
  assert.ok(expected.length > 0)
  for (const [name, rows] of Object.entries(found)) assert.deepEqual(byCandid(rows), byCandid(expected), name)
})

function byCandid(rows: unknown[][]): unknown[][] {
  return rows.toSorted((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1))
}
