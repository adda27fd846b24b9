import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DAY } from '../../lib/core/units.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import type { Row } from '../support/lake-reader.ts'
import { readableAlerts } from '../support/night.ts'
import { runPython } from '../support/python.ts'
import { PROJECT } from '../support/run.ts'
import { NIGHTS } from '../support/spark-nights.ts'

const READERS = ['Spark', 'DuckDB', 'pyarrow', 'pandas', 'Polars']

for (const [page, heading, readers] of [
  ['README.md', 'Reading it', ['DuckDB', 'pandas']],
  ['docs/reading.md', 'Candidates table', READERS],
  ['docs/reading.md', 'Whole alerts', READERS],
] as const)
  test(`the lines of ${page}, ${heading}, give the same rows with every reader`, async t => {
    const found = await runSection(t, page, heading)
    assert.deepEqual(Object.keys(found), readers)
    const expected = NIGHTS.flatMap(({ name, alerts }) => (name.includes('_202001') ? alerts : [])).flatMap(
      ({ values }) => {
        const { jd, magpsf, drb } = values.candidate as Row
        return Number(drb) > 0.99 ? [[values.objectId, String(values.candid), jd, magpsf]] : []
      },
    )
    assert.ok(expected.length > 0)
    for (const [name, rows] of Object.entries(found)) assert.deepEqual(byCandid(rows), byCandid(expected), name)
  })

test('the averages of docs/recipes.md leave missing values out, with every reader', async t => {
  const found = await runSection(t, 'docs/recipes.md', 'Averages and missing values')
  assert.deepEqual(Object.keys(found).sort(), ['DuckDB', 'Polars', 'Spark', 'pandas'])
  const values = readableAlerts(...NIGHTS).map(({ values }) => (values.candidate as Row).distpsnr1)
  const known = values.filter(value => value !== null && value !== -999) as number[]
  assert.ok(known.length < values.length)
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  for (const [name, [row]] of Object.entries(found))
    assert.ok(Math.abs(Number(row?.[0]) - mean) < 1e-3, `${name}: ${row} and ${mean}`)
})

test('the lines of docs/recipes.md convert Julian dates to times', async t => {
  const found = await runSection(t, 'docs/recipes.md', 'Dates and times')
  assert.deepEqual(Object.keys(found), ['pandas', 'astropy'])
  const expected = readableAlerts(...NIGHTS).map(({ values }) => ((values.candidate as Row).jd as number) - 2_440_587.5)
  for (const [name, rows] of Object.entries(found)) {
    const days = rows.map(([time]) => Date.parse(`${String(time).replace(' ', 'T').slice(0, 23)}Z`) / DAY)
    const differences = days.sort(byNumber).map((day, i) => Math.abs(day - (expected.sort(byNumber)[i] ?? Number.NaN)))
    assert.equal(days.length, expected.length)
    assert.ok(Math.max(...differences) * 86_400 < 0.01, `${name}: ${Math.max(...differences)}`)
  }
})

/** Rows that each code block of a section returns, for a lake of `NIGHTS`. */
async function runSection(t: TestContext, page: string, heading: string): Promise<Record<string, unknown[][]>> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night)
  const found = await runPython('readme.py', join(PROJECT, page), heading, paths.data)
  return found as Record<string, unknown[][]>
}

function byNumber(a: number, b: number): number {
  return a - b
}

function byCandid(rows: unknown[][]): unknown[][] {
  return rows.toSorted((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1))
}
