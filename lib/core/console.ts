import process from 'node:process'
import { describeError } from './errors.ts'

/**
 * How scripts speak: lines of results on standard output, and of an error one sentence, never a stack trace.
 * Importing this is enough for the latter; `DEBUG=1` shows the whole error.
 */
process.on('uncaughtException', (error: Error) => {
  console.error(process.env.DEBUG ? error : `error: ${shown(describeError(error))}`)
  process.exit(1)
})

/** What all that is said goes through. */
let around = (print: () => void) => print()

/** Has all that is said go another way, as above a live view: `through` is given what prints it. */
export function setPrinter(through: (print: () => void) => void): void {
  around = through
}

/** Says a line, or several at once as a table has them; what a terminal would obey in them is shown instead. */
export function print(line: string): void {
  around(() => console.log(shown(line)))
}

/** Says a line of what went wrong likewise, on standard error. */
export function printError(line: string): void {
  around(() => console.error(shown(line)))
}

/** Our own lines have no control but the end of one. */
function shown(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** Lines of cells as a table: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0))) ?? []
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')
  return rows.map(line).join('\n')
}

/** What a terminal or a line of a file would obey instead of show: controls, escapes, directions, lone surrogates. */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}]/gu

/**
 * Text from outside as one line that can be shown: whatever is no letter, mark or space of it is written as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSHOWN, letter => `\\u{${(letter.codePointAt(0) as number).toString(16)}}`)
}

/** The same, cut to so many characters. */
export function clipped(text: string, longest: number): string {
  const line = printable(text.slice(0, longest + 1))
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}
