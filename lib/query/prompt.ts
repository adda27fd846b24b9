import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { printable } from '../core/console.ts'
import type { DuckDB } from '../core/duckdb.ts'
import { tables } from './table.ts'
import { VIEWS } from './views.ts'

const HELP = [
  ...Object.entries(VIEWS).map(([name, about]) => `${name.padEnd(11)} ${about}`),
  '',
  'A statement ends with ; and may have several lines.   describe alerts;   summarize nights;',
  '.help shows this, .quit or Ctrl-D ends, Ctrl-C gives up what is typed or runs.',
  '',
].join('\n')

const [FIRST, NEXT] = ['ztf> ', '  -> ']

/** Where a prompt reads and writes: the terminal, as a rule. */
interface Terminal {
  readonly input: Readable
  readonly output: Writable & { readonly columns?: number }
}

/** Asks for SQL line by line, and answers, until the input ends. */
export async function prompt(database: DuckDB, { input, output }: Terminal): Promise<void> {
  output.write('SQL over the lake, by DuckDB: .help tells the views, .quit ends\n')
  const lines = createInterface({ input, output })
  let [typed, runs] = ['', false]
  lines.on('SIGINT', () => {
    if (runs) return database.interrupt()
    typed = ''
    lines.write(null, { ctrl: true, name: 'u' })
    ask(lines, typed)
  })
  ask(lines, typed)
  for await (const line of lines) {
    if (line.trim() === '.quit') break
    runs = true
    typed = await heard(database, typed + line, output)
    runs = false
    ask(lines, typed)
  }
  lines.close()
}

function ask(lines: Interface, typed: string): void {
  lines.setPrompt(typed === '' ? FIRST : NEXT)
  lines.prompt(true)
}

/** Answers what is typed if that is a whole statement; returns what is still to be gone on with. */
async function heard(database: DuckDB, typed: string, output: Terminal['output']): Promise<string> {
  if (typed.trim() === '.help') output.write(HELP)
  else if (!/;\s*$/.test(typed)) return typed.trim() === '' ? '' : `${typed}\n`
  else await answer(database, typed, output)
  return ''
}

async function answer(database: DuckDB, sql: string, output: Terminal['output']): Promise<void> {
  try {
    for await (const table of tables(database, sql, output.columns)) output.write(`${table}\n\n`)
  } catch (error) {
    output.write(`error: ${printable((error as Error).message)}\n`)
  }
}
