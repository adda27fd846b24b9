import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { writeTo } from '../core/console.ts'
import { literal } from '../core/duckdb.ts'
import { remove, replaceFile, writeText } from '../core/files.ts'
import { nullForNaN } from './json-null.ts'
import type { LakeDatabase } from './lake-database.ts'

/** Options of DuckDB's `copy` statement. */
const FORMATS = { csv: 'format csv, header true', json: 'format json, array true', parquet: 'format parquet' }

export type ExportFormat = keyof typeof FORMATS

type Database = Pick<LakeDatabase, 'count' | 'query' | 'temporary'>

/**
 * Atomically writes the result of one statement to a file.
 * @param header text before a CSV table
 * @throws Error if the SQL is not exactly one statement, or DuckDB rejects it
 */
export async function exportToFile(
  database: Database,
  sql: string,
  format: ExportFormat,
  path: string,
  header = '',
): Promise<void> {
  await replaceFile(path, async temporary => {
    if (format === 'parquet' || (format === 'csv' && !header)) await copy(database, sql, format, temporary)
    else await writeText(temporary, textOf(database, sql, format, header))
  })
}

/** Like `exportToFile`, but writes to a stream, which stays open. */
export async function exportToStream(
  database: Database,
  sql: string,
  format: 'csv' | 'json',
  stream: Writable,
  header = '',
): Promise<void> {
  await writeTo(stream, textOf(database, sql, format, header))
}

/** Yields the result of one statement, through a temporary file because DuckDB writes only to files. */
async function* textOf(
  database: Database,
  sql: string,
  format: 'csv' | 'json',
  header: string,
): AsyncGenerator<string> {
  const path = join(database.temporary, `result.${format}`)
  try {
    await copy(database, sql, format, path)
    yield header
    const chunks = createReadStream(path, 'utf8')
    yield* format === 'json' ? nullForNaN(chunks) : chunks
  } finally {
    await remove(path)
  }
}

async function copy(database: Database, sql: string, format: ExportFormat, path: string): Promise<void> {
  const count = await database.count(sql)
  if (count !== 1) throw new Error(`FORMAT=${format} takes one select statement: the SQL has ${count}`)
  // The newline terminates a `--` comment on the last line of the SQL.
  await database.query(`copy (${withoutSemicolons(sql)}\n) to ${literal(path)} (${FORMATS[format]})`, sql)
}

/** Quoted text and comments of SQL, and semicolons. */
const TOKEN = /e'(?:[^'\\]|\\.|'')*'|'[^']*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1|--.*|\/\*[\s\S]*?\*\/|;/gi

/** Removes the semicolons of a single statement, except those in quoted text and comments. */
function withoutSemicolons(sql: string): string {
  return sql.replace(TOKEN, token => (token === ';' ? ' ' : token))
}
