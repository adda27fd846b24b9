// Runs SQL queries on the lake. They come from Q, from standard input or, on a terminal, from a prompt.
import { text } from 'node:stream/consumers'
import { printLines } from '../lib/core/console.ts'
import { adviseOnOut } from '../lib/core/errors.ts'
import { exportToFile, exportToStream } from '../lib/query/export.ts'
import { LakeDatabase } from '../lib/query/lake-database.ts'
import { prompt } from '../lib/query/prompt.ts'
import { tables } from '../lib/query/table.ts'
import { chosenFormat } from '../lib/settings.ts'
import { assertOut, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const { NIGHTS, Q, OUT, MEMORY } = settings
const FORMAT = chosenFormat('make sql', settings, ['table', 'csv', 'json', 'parquet'])
if (FORMAT === 'table' && OUT) throw new Error('OUT needs a FORMAT: give FORMAT=csv, json or parquet')
if (FORMAT === 'parquet' && !OUT) throw new Error('FORMAT=parquet needs a file: give OUT=answer.parquet')
assertOut(OUT)
const database = await LakeDatabase.open(paths, NIGHTS, MEMORY)
const sql = Q || (process.stdin.isTTY ? '' : await text(process.stdin))
const isEmpty = (await database.count(sql)) === 0
if (isEmpty && (Q || !process.stdin.isTTY))
  throw new Error('no SQL given: give Q="select ...", or SQL on standard input')

if (isEmpty) await prompt(database, { input: process.stdin, output: process.stdout })
else if (FORMAT === 'table') for await (const table of tables(database, sql, process.stdout.columns)) printLines(table)
else if (OUT) await exportToFile(database, sql, FORMAT, OUT).catch(adviseOnOut(OUT))
else if (FORMAT !== 'parquet') await exportToStream(database, sql, FORMAT, process.stdout)
database.close()
