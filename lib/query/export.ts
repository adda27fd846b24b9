import { createReadStream } from 'node:fs'
import { mkdtemp, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DuckDB, literal } from '../core/duckdb.ts'
import { remove } from '../core/files.ts'

/** How DuckDB writes an answer for programs. */
const FORMATS = { csv: 'format csv, header true', json: 'format json, array true', parquet: 'format parquet' }

type Format = keyof typeof FORMATS

/**
 * Writes the answer to one statement to a file, whole or not at all.
 * @throws Error in one sentence where the SQL is several statements, or DuckDB refuses it
 */
export async function save(database: DuckDB, sql: string, format: Format, path: string): Promise<void> {
  if ((await database.count(sql)) !== 1)
    throw new Error(`FORMAT=${format} takes one statement that selects: the SQL has another number of them`)
  const beside = `${path}.part`
  try {
    // A line of its own ends a comment that the SQL may end with.
    await database.query(`copy (${sql.replace(/[\s;]+$/, '')}\n) to ${literal(beside)} (${FORMATS[format]})`)
    await rename(beside, path)
  } catch (error) {
    await remove(beside)
    throw error
  }
}

/** Writes the answer to one statement to a stream, through a file that is gone after: DuckDB knows no other way. */
export async function pour(database: DuckDB, sql: string, format: Format, stream: Writable): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ztf-lake-'))
  try {
    await save(database, sql, format, join(folder, 'answer'))
    await pipeline(createReadStream(join(folder, 'answer')), stream, { end: false }).catch(unlessClosed)
  } finally {
    await remove(folder)
  }
}

/** Who reads no further, as `head`, has all that it wanted. */
function unlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
