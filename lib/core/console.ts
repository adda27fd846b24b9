import process from 'node:process'
import type { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { describeError } from './errors.ts'
import { repeatFolders } from './make-flags.ts'

/** Characters that a terminal interprets or does not display, such as control characters and line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Calls `write`. A live display replaces this function with one that first clears its own lines. */
let printer = (write: () => void) => write()

/** Replaces the function that all lines are printed with. `replacement` must call its argument. */
export function setPrinter(replacement: (write: () => void) => void): void {
  printer = replacement
}

/** Prints a line on standard output, with control characters and line breaks escaped. */
export function print(line: string): void {
  printer(() => console.log(printable(line)))
}

/** Prints the lines of a text on standard output. Untrusted parts must be without line breaks already. */
export function printLines(text: string): void {
  for (const line of text.split('\n')) print(line)
}

/**
 * Prints a line on standard error, with control characters and line breaks escaped. Advice such as `run make lake` gets the
 * folders of make's command line.
 */
export function printError(line: string): void {
  printer(() => console.error(repeatFolders(printable(line))))
}

/**
 * Keeps errors of standard output and standard error from ending the process. A closed pipe is ignored, because its reader,
 * such as `head`, has what it wants. Any other error is reported once, and by exit status 1.
 */
export function handleOutputErrors({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process): void {
  stderr.on('error', () => {})
  stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE' || process.exitCode === 1) return
    process.exitCode = 1
    printError(`error: cannot write to standard output: ${error.message.replace(/^E[A-Z]+: |, write$/g, '')}`)
  })
}

/**
 * Writes text to a stream, which stays open, until the stream fails. Its errors are left to its listeners.
 * @throws whatever `text` throws
 */
export async function writeTo(stream: Writable, text: AsyncIterable<string>): Promise<void> {
  for await (const piece of text) {
    const error = await new Promise(resolve => stream.write(piece, resolve))
    if (error) return
  }
}

/** Formats an uncaught error as one line, or with its stack trace if `DEBUG=1` is set. */
export function errorLine(error: unknown): string {
  return process.env.DEBUG ? inspect(error) : repeatFolders(`error: ${printable(describeError(error))}`)
}

/** Formats rows as a table. By default the first column is left-aligned, and the others are right-aligned. */
export function table(rows: readonly (readonly string[])[], isRight = (column: number) => column > 0): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0))) ?? []
  const align = (cell: string, i: number) => (isRight(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))
  return rows.map(row => row.map(align).join('  ').trimEnd()).join('\n')
}

/** Escapes control characters and line breaks in untrusted text, e.g. as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)
}

/** Makes text printable, and truncates it to `maxLength` characters. */
export function clipped(text: string, maxLength: number): string {
  const line = printable(text.slice(0, maxLength + 1))
  return line.length > maxLength ? `${line.slice(0, maxLength - 1)}…` : line
}
