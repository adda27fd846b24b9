import process from 'node:process'
import { sentenceOf } from './faults.ts'

/**
 * How scripts speak: lines of results on standard output, and of an error one sentence, never a stack trace.
 * Importing this is enough for the latter; `DEBUG=1` shows the whole error.
 */
process.on('uncaughtException', (error: Error) => {
  console.error(process.env.DEBUG ? error : `error: ${sentenceOf(error)}`)
  process.exit(1)
})

export function say(line: string): void {
  console.log(line)
}

/** Lines of cells as a table: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0))) ?? []
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}
