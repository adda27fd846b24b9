import { createReadStream } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DuckDB, literal } from '../core/duckdb.ts'
import { remove } from '../core/files.ts'

/** Options of DuckDB's `copy` statement. */
const FORMATS = { csv: 'format csv, header true', json: 'format json, array true', parquet: 'format parquet' }

type Format = keyof typeof FORMATS

/**
 * Atomically writes the result of one statement to a file.
 * @throws Error if the SQL is not exactly one statement, or DuckDB rejects it
 */
export async function exportToFile(database: DuckDB, sql: string, format: Format, path: string): Promise<void> {
  const count = await database.count(sql)
  if (count !== 1) throw new Error(`FORMAT=${format} takes one select statement: the SQL has ${count}`)
  const temporary = `${path}.part`
  try {
    // The newline terminates a `--` comment on the last line of the SQL.
    await database.query(`copy (${sql.replace(/[\s;]+$/, '')}\n) to ${literal(temporary)} (${FORMATS[format]})`)
    await rename(temporary, path)
  } catch (error) {
    await remove(temporary)
    throw error
  }
}

/** Writes the result of one statement to a stream, through a temporary file because DuckDB writes only to files. */
export async function exportToStream(database: DuckDB, sql: string, format: Format, stream: Writable): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
  try {
    await exportToFile(database, sql, format, join(folder, 'result'))
    await pipeline(createReadStream(join(folder, 'result')), stream, { end: false })
  } catch (error) {
    // Ignore EPIPE, because a reader such as `head` may close the pipe early.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  } finally {
    await remove(folder)
  }
}
