// Answers SQL over the lake: of Q, of standard input, or, on a terminal, of a prompt.
import { text } from 'node:stream/consumers'
import { print } from '../lib/core/console.ts'
import { pour, save } from '../lib/query/export.ts'
import { prompt } from '../lib/query/prompt.ts'
import { tables } from '../lib/query/table.ts'
import { openLake } from '../lib/query/views.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, Q, FORMAT, OUT } = settings
if (FORMAT === 'table' && OUT) throw new Error('OUT is a file for programs: give FORMAT=csv, json or parquet with it')
if (FORMAT === 'parquet' && !OUT) throw new Error('FORMAT=parquet needs a file: give OUT=answer.parquet')
const database = await openLake(paths, NIGHTS)
const sql = Q || (process.stdin.isTTY ? '' : await text(process.stdin))
const isNothing = (await database.count(sql)) === 0
if (isNothing && (Q || !process.stdin.isTTY))
  throw new Error('there is no SQL: give Q="select ...", or SQL on standard input')

if (isNothing) await prompt(database, { input: process.stdin, output: process.stdout })
else if (FORMAT === 'table') for await (const table of tables(database, sql, process.stdout.columns)) print(table)
else if (OUT) await save(database, sql, FORMAT, OUT)
else await pour(database, sql, FORMAT, process.stdout)
database.close()
