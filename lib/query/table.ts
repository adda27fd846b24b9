import { clipped, table } from '../core/console.ts'
import type { DuckDB, Rows } from '../core/duckdb.ts'
import { plural } from '../core/units.ts'

const MAX_ROWS = 100
const MAX_CELL_LENGTH = 60

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/

/**
 * Runs SQL and yields a text table for each statement that returns rows.
 * @param width length at which lines are cut; 0 for no limit
 */
export async function* tables(database: DuckDB, sql: string, width = 0): AsyncGenerator<string> {
  for await (const rows of database.answers(sql, MAX_ROWS)) yield formatTable(rows, width)
}

function formatTable({ columns, rows, more }: Rows, width: number): string {
  const heading = columns.map(({ name }) => name)
  const cells = [heading, ...rows.map(row => row.map((value, i) => formatValue(value, columns[i]?.type)))]
  const isNumeric = columns.map(({ type }) => NUMERIC.test(type))
  const lines = table(
    cells.map(row => row.map(cell => clipped(cell, MAX_CELL_LENGTH))),
    column => isNumeric[column] === true,
  ).split('\n')
  const cut = lines.map(line => line.trimEnd()).map(line => (width > 0 ? clipped(line, width) : line))
  return [...cut, rowCount(rows.length, more)].join('\n')
}

function rowCount(count: number, more: boolean): string {
  if (more) return `(the first ${count} rows; FORMAT=csv, json or parquet gives all)`
  return `(${plural(count, 'row')})`
}

function formatValue(value: unknown, type?: string): string {
  if (value === null) return 'NULL'
  return type === 'FLOAT' && typeof value === 'number' ? shortestFloat(value) : String(value)
}

/** The shortest decimal that is the same 32-bit float. `String` would print the digits of the double. */
function shortestFloat(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
