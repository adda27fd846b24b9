import { DuckDBBlobValue, DuckDBListValue, DuckDBStructValue } from '@duckdb/node-api'
import { query } from '../../lib/core/duckdb.ts'
import type { Paths } from '../../lib/paths.ts'

export type Row = Record<string, unknown>

/** Runs SQL in which `LAKE` stands for all of the lake's Parquet files; gives plain values. */
export async function ask(paths: Paths, sql: string): Promise<Row[]> {
  const rows = await query(sql.replaceAll('LAKE', `'${paths.lake}/year=*/**/*.parquet'`))
  return rows.map(row => plain(row) as Row)
}

/** Every alert of the lake, as DuckDB reads it, without the partition's columns. */
export function alertsOf(paths: Paths, where = 'true'): Promise<Row[]> {
  const source = 'read_parquet(LAKE, hive_partitioning=false, union_by_name=true, filename=true)'
  return ask(paths, `select * exclude (filename) from ${source} where ${where}`)
}

/** Values of DuckDB's classes as plain ones: bytes is Buffer, a struct an object, a list an array. */
export function plain(value: unknown): unknown {
  if (value instanceof DuckDBStructValue) return plain(value.entries)
  if (value instanceof DuckDBListValue) return value.items.map(plain)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
