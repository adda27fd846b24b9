import { clipped, table } from '../core/console.ts'
import type { DuckDB, Rows } from '../core/duckdb.ts'
import { plural, shortestFloat } from '../core/units.ts'

const MAX_ROWS = 100
const MAX_CELL_LENGTH = 60

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/

/**
 * Runs SQL and yields a text table for each statement that returns rows.
 * @param width maximum line length, beyond which lines are truncated; 0 for no limit
 */
export async function* tables(database: Pick<DuckDB, 'answers'>, sql: string, width = 0): AsyncGenerator<string> {
  for await (const rows of database.answers(sql, MAX_ROWS)) yield formatTable(rows, width)
}

function formatTable({ columns, rows, more }: Rows, width: number): string {
  const cells = [
    columns.map(({ name }) => name),
    ...rows.map(row => row.map((value, i) => formatValue(value, columns[i]?.type))),
  ]
  const lines = table(
    cells.map(row => row.map(cell => clipped(cell, MAX_CELL_LENGTH))),
    column => NUMERIC.test(columns[column]?.type ?? ''),
  ).split('\n')
  const cut = lines.map(line => line.trimEnd()).map(line => (width > 0 ? clipped(line, width) : line))
  const count = more
    ? `(the first ${rows.length} rows; FORMAT=csv, json or parquet gives all)`
    : `(${plural(rows.length, 'row')})`
  return [...cut, count].join('\n')
}

function formatValue(value: unknown, type?: string): string {
  if (value === null) return 'NULL'
  return type === 'FLOAT' && typeof value === 'number' ? shortestFloat(value) : String(value)
}
