import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBBlobValue, DuckDBListValue, DuckDBStructValue } from '@duckdb/node-api'
import { alertColumns } from '../../lib/alerts/compile.ts'
import { query } from '../../lib/core/duckdb.ts'
import type { Paths } from '../../lib/paths.ts'
import { padded } from './columns-reader.ts'
import { readableAlerts, type SyntheticNight } from './night.ts'

export type Row = Record<string, unknown>

/** Runs SQL in which `LAKE` stands for all Parquet files of the lake; returns plain values. */
export async function ask(paths: Paths, sql: string): Promise<Row[]> {
  const rows = await query(sql.replaceAll('LAKE', `'${paths.lake}/year=*/**/*.parquet'`))
  return rows.map(row => plain(row) as Row)
}

/** Alerts of the lake, as DuckDB reads them, without the partition columns. */
export function alertsOf(paths: Paths, where = 'true'): Promise<Row[]> {
  const source = 'read_parquet(LAKE, hive_partitioning=false, union_by_name=true, filename=true)'
  return ask(paths, `select * exclude (filename) from ${source} where ${where}`)
}

export async function candids(paths: Paths, where?: string): Promise<unknown[]> {
  return (await alertsOf(paths, where)).map(row => row.candid)
}

/** Asserts that the lake has exactly a synthetic night's alerts, value by value. */
export async function assertAlerts(paths: Paths, night: SyntheticNight, count?: number, where?: string): Promise<void> {
  const expected = readableAlerts(night)
  assert.equal(expected.length, count ?? expected.length)
  assert.ok(expected.length > 0)
  const found = await alertsOf(paths, where)
  assert.equal(found.length, expected.length)
  const columns = alertColumns()
  for (const [i, { values }] of expected.entries()) assert.deepEqual(found[i], padded(columns, values))
}

/** Paths, relative to the lake, of the files that its readers take for data. */
export async function parquetFiles({ lake }: Paths): Promise<string[]> {
  const entries = (await readdir(lake, { recursive: true }).catch(() => [])).sort()
  const files: string[] = []
  for (const entry of entries)
    if (!/(^|\/)[_.]/.test(entry) && (await stat(join(lake, entry))).isFile()) files.push(entry)
  return files
}

/** Converts values of DuckDB's classes: bytes to Buffer, a struct to an object, a list to an array. */
export function plain(value: unknown): unknown {
  if (value instanceof DuckDBStructValue) return plain(value.entries)
  if (value instanceof DuckDBListValue) return value.items.map(plain)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}
