import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { convert, dataFolder } from '../support/data-folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { runPython } from '../support/python.ts'
import { PROJECT } from '../support/run.ts'
import { NIGHTS } from '../support/spark-nights.ts'

for (const page of ['README.md', 'docs/reading.md'])
  test(`the examples of ${page} give the same rows with every reader`, t => assertExamples(t, page))

async function assertExamples(t: TestContext, page: string): Promise<void> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  const found = (await runPython('readme.py', join(PROJECT, page), paths.data)) as Record<string, unknown[][]>
  assert.deepEqual(Object.keys(found), ['Spark', 'DuckDB', 'pyarrow', 'pandas', 'Polars'])
  const expected = NIGHTS.flatMap(({ name, alerts }) => (name.includes('_202001') ? alerts : [])).flatMap(
    ({ values }) => {
      const { jd, magpsf, drb } = values.candidate as Row
      return Number(drb) > 0.99 ? [[values.objectId, String(values.candid), jd, magpsf]] : []
    },
  )
  assert.ok(expected.length > 0)
  for (const [name, rows] of Object.entries(found)) assert.deepEqual(byCandid(rows), byCandid(expected), name)
}

function byCandid(rows: unknown[][]): unknown[][] {
  return rows.toSorted((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1))
}
