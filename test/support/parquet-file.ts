import { readFile } from 'node:fs/promises'
import * as arrow from 'apache-arrow'
import { parquetReadObjects } from 'hyparquet'
import parquet from 'parquet-wasm'
import { KnownColumns } from '../../lib/alerts/column-names.ts'
import { compile } from '../../lib/alerts/compile.ts'
import { Decoder } from '../../lib/alerts/decoder.ts'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import { LIMITS } from '../../lib/limits.ts'
import type { Codec } from '../../lib/parquet/codecs.ts'
import type { Indexed } from '../../lib/parquet/column-chunk.ts'
import type { StructColumn } from '../../lib/parquet/columns.ts'
import { type Excerpt, ParquetFile } from '../../lib/parquet/file.ts'
import { RowGroup } from '../../lib/parquet/row-group.ts'
import { plain } from './lake-reader.ts'

export interface FileOptions {
  readonly codec: Codec
  readonly schema: string
  /** Avro records of the schema. */
  readonly records: readonly Buffer[]
  readonly indexed?: Indexed
  /** Default: as many as a row group holds. */
  readonly rowsPerGroup?: number
}

const NOT_INDEXED: Indexed = { pageRanges: new Set(), bloomFilters: new Set() }

/** Writes Avro records to a Parquet file with the columns of a table, to which the schema may add some. */
export async function writeRecords(
  path: string,
  table: StructColumn,
  options: FileOptions,
): Promise<readonly Excerpt[]> {
  const { codec, schema, records, indexed = NOT_INDEXED, rowsPerGroup = Infinity } = options
  const { step } = compile(schema, table, LIMITS.addedColumns, new KnownColumns())
  const decoder = new Decoder()
  const newGroup = () => new RowGroup(table, codec, indexed)
  const file = await ParquetFile.create(path, ['candid'])
  let rowGroup = newGroup()
  for (const record of records) {
    rowGroup.begin()
    decoder.decode(step, record, 0, record.length)
    rowGroup.commit(record.length)
    if (!rowGroup.isFull && rowGroup.rows < rowsPerGroup) continue
    await file.write(rowGroup.end())
    rowGroup = newGroup()
  }
  if (rowGroup.rows > 0) await file.write(rowGroup.end())
  return (await file.close('test version 1', { key: 'value' })).excerpts
}

type Row = Record<string, unknown>

/** Readers that share no code with each other: JavaScript, C++ and Rust. */
export const READERS: Readonly<Record<string, (path: string) => Promise<Row[]>>> = {
  hyparquet: async path => {
    const file = new Uint8Array(await readFile(path)).buffer
    return (await parquetReadObjects({ file, utf8: false })).map(row => withBuffers(row) as Row)
  },
  DuckDB: async path => {
    const rows = await query(`from read_parquet(${literalPath(path)}, hive_partitioning = false)`)
    return rows.map(row => plain(row) as Row)
  },
  'parquet-wasm': async path => {
    const table = arrow.tableFromIPC(parquet.readParquet(await readFile(path)).intoIPCStream())
    return table.toArray().map(row => fromArrow(row) as Row)
  },
}

/** Codecs that hyparquet decodes itself. */
export const HYPARQUET_CODECS: readonly Codec[] = ['snappy', 'none']

/** hyparquet returns undefined for some nulls. */
function withBuffers(value: unknown): unknown {
  if (value === undefined) return null
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (Array.isArray(value)) return value.map(withBuffers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withBuffers(inner)]))
}

function fromArrow(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof arrow.Vector) return [...value].map(fromArrow)
  if (value instanceof arrow.StructRow)
    return Object.fromEntries([...value].map(([key, inner]) => [key, fromArrow(inner)]))
  return value
}
