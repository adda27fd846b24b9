import type { Writable } from 'node:stream'
import type { Scalar } from '../alerts/fields.ts'
import { writeTo } from '../core/console.ts'
import { DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { remove, replaceFile, writeText } from '../core/files.ts'
import { COLUMNS } from './columns.ts'
import { type TextFormat, textOf } from './format.ts'
import type { ObjectCurve } from './read.ts'

/** DuckDB's types. */
const TYPES: Readonly<Record<Scalar, string>> = {
  string: 'varchar',
  bytes: 'blob',
  int: 'integer',
  long: 'bigint',
  float: 'float',
  double: 'double',
}

/** Memory for writing Parquet, in bytes. */
const MEMORY = 256 << 20

type Curves = AsyncIterable<ObjectCurve>

/** Writes light curves to a stream, which stays open. */
export async function writeToStream(curves: Curves, format: TextFormat, stream: Writable): Promise<void> {
  await writeTo(stream, textOf(curves, format))
}

/** Atomically writes light curves to a file. */
export async function writeToFile(curves: Curves, format: TextFormat | 'parquet', path: string): Promise<void> {
  await replaceFile(path, temporary =>
    format === 'parquet' ? writeParquet(curves, temporary) : writeText(temporary, textOf(curves, format)),
  )
}

/** Writes CSV first, which DuckDB reads without keeping all rows in memory. */
async function writeParquet(curves: Curves, path: string): Promise<void> {
  const [csv, temporary] = [`${path}.csv`, `${path}.tmp`]
  const database = await DuckDB.open({ threads: 1, memory: MEMORY, temporary })
  try {
    await writeText(csv, textOf(curves, 'csv'))
    const types = COLUMNS.map(({ name, type }) => `${name}: '${TYPES[type]}'`)
    await database.query(
      `copy (from read_csv(${literalPath(csv)}, header = true, auto_detect = false, columns = {${types.join(', ')}}))
       to ${literal(path)} (format parquet, compression zstd)`,
    )
  } finally {
    database.close()
    await remove(csv)
    await remove(temporary)
  }
}
