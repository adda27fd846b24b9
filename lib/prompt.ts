import { createInterface, type Interface } from 'node:readline'
import { tables } from './answer.ts'
import { say } from './report.ts'
import type { Database } from './sql.ts'
import { VIEWS } from './views.ts'

const HELP = [
  ...Object.entries(VIEWS).map(([name, about]) => `${name.padEnd(11)} ${about}`),
  '',
  'A statement ends with ; and may have several lines.   describe alerts;   summarize nights;',
  '.help shows this, .quit or Ctrl-D ends, Ctrl-C gives up what is typed or runs.',
].join('\n')

/** Asks for SQL line by line, and answers, until the input ends. */
export async function prompt(database: Database): Promise<void> {
  say('SQL over the lake, by DuckDB: .help tells the views, .quit ends')
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: FIRST })
  let typed = ''
  lines.on('SIGINT', () => {
    database.interrupt()
    typed = ''
    ask(lines, typed)
  })
  ask(lines, typed)
  for await (const line of lines) {
    if (line.trim() === '.quit') break
    typed = await heard(database, typed + line)
    ask(lines, typed)
  }
  lines.close()
}

const [FIRST, NEXT] = ['ztf> ', '  -> ']

function ask(lines: Interface, typed: string): void {
  lines.setPrompt(typed.trim() === '' ? FIRST : NEXT)
  lines.prompt()
}

/** Answers what is typed if that is a whole statement; returns what is still to be gone on with. */
async function heard(database: Database, typed: string): Promise<string> {
  if (typed.trim() === '.help') say(HELP)
  else if (!/;\s*$/.test(typed)) return typed.trim() === '' ? '' : `${typed}\n`
  else await answer(database, typed)
  return ''
}

async function answer(database: Database, sql: string): Promise<void> {
  try {
    for await (const table of tables(database, sql, process.stdout.columns)) say(`${table}\n`)
  } catch (error) {
    say(`error: ${(error as Error).message}`)
  }
}
