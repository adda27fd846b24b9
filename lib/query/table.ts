import { clipped } from '../core/console.ts'
import type { DuckDB, Rows } from '../core/duckdb.ts'
import { plural } from '../core/units.ts'

/** Rows that a table shows at most, and characters of a cell. */
const MOST_ROWS = 100
const WIDEST = 60

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/

/**
 * The answers to SQL as tables for people, one for each statement that has one.
 * @param width characters of a line, where they are cut; 0 where they are not
 */
export async function* tables(database: DuckDB, sql: string, width = 0): AsyncGenerator<string> {
  for await (const rows of database.answers(sql, MOST_ROWS)) yield tableOf(rows, width)
}

function tableOf({ columns, rows, more }: Rows, width: number): string {
  const cells = rows.map(row => row.map((value, i) => clipped(text(value, columns[i]?.type), WIDEST)))
  const lines = [columns.map(({ name }) => clipped(name, WIDEST)), ...cells]
  const widths = columns.map((_, i) => Math.max(...lines.map(line => line[i]?.length ?? 0)))
  const pads = columns.map(({ type }, i) => {
    const pad = NUMBER.test(type) ? 'padStart' : 'padEnd'
    return (cell: string) => cell[pad](widths[i] ?? 0)
  })
  const drawn = lines.map(line =>
    line
      .map((cell, i) => pads[i]?.(cell) ?? cell)
      .join('  ')
      .trimEnd(),
  )
  return [...drawn.map(line => (width > 0 ? clipped(line, width) : line)), counted(rows.length, more)].join('\n')
}

function counted(count: number, more: boolean): string {
  if (more) return `(the first ${count} rows; FORMAT=csv, json or parquet gives all)`
  return `(${plural(count, 'row')})`
}

function text(value: unknown, type?: string): string {
  if (value === null) return 'NULL'
  return type === 'FLOAT' && typeof value === 'number' ? shortest(value) : String(value)
}

/** A 32-bit float in the fewest digits that tell it from others; JavaScript would write those of a double. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(Number(value.toPrecision(9)))
}
