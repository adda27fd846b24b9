import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { printable } from '../core/console.ts'
import type { DuckDB } from '../core/duckdb.ts'
import { tables } from './table.ts'
import { MACROS, VIEWS } from './views.ts'

const HELP = [
  ...Object.entries({ ...VIEWS, ...MACROS }).map(([name, description]) => `${name.padEnd(11)} ${description}`),
  '',
  'End a statement with ; it may have several lines.   describe alerts;   summarize nights;',
  'help prints this, quit, exit or Ctrl-D ends, Ctrl-C cancels the line or the running query.',
  '',
].join('\n')

const QUIT = /^\s*\.?(quit|exit)\s*;?\s*$/i
const HELP_WANTED = /^\s*\.?help\s*;?\s*$/i

type Database = Pick<DuckDB, 'answers' | 'interrupt'>

interface Terminal {
  readonly input: Readable
  readonly output: Writable & { readonly columns?: number }
}

/** Reads SQL statements and prints their results, until the input ends or `quit` is typed. */
export async function prompt(database: Database, { input, output }: Terminal): Promise<void> {
  output.write('SQL over the lake, run by DuckDB: help lists the views, quit exits\n')
  const lines = createInterface({ input, output })
  let [typed, isRunning, isClosed] = ['', false, false]
  lines.once('close', () => {
    isClosed = true
  })
  lines.on('SIGINT', () => {
    if (isRunning) return database.interrupt()
    typed = ''
    lines.write(null, { ctrl: true, name: 'u' })
    showPrompt(lines, typed)
  })
  showPrompt(lines, typed)
  for await (const line of lines) {
    // Words such as help are SQL in the middle of a statement.
    if (typed === '' && QUIT.test(line)) break
    isRunning = true
    typed = await handle(database, typed + line, output)
    isRunning = false
    // The input may have ended during the query. Node.js 24 refuses to prompt then.
    if (isClosed) output.write(promptFor(typed))
    else showPrompt(lines, typed)
  }
  lines.close()
}

function showPrompt(lines: Interface, typed: string): void {
  lines.setPrompt(promptFor(typed))
  lines.prompt(true)
}

function promptFor(typed: string): string {
  return typed === '' ? 'ztf> ' : '  -> '
}

/** Runs the typed text if it is complete, and returns an empty string; otherwise returns the text to be continued. */
async function handle(database: Database, typed: string, output: Terminal['output']): Promise<string> {
  if (HELP_WANTED.test(typed)) output.write(HELP)
  else if (!/;\s*$/.test(typed)) return typed.trim() === '' ? '' : `${typed}\n`
  else await runSql(database, typed, output)
  return ''
}

async function runSql(database: Database, sql: string, output: Terminal['output']): Promise<void> {
  try {
    for await (const table of tables(database, sql, output.columns)) output.write(`${table}\n\n`)
  } catch (error) {
    output.write(`error: ${printable((error as Error).message)}\n`)
  }
}
