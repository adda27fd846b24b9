import { openAsBlob } from 'node:fs'
import parquet from 'parquet-wasm'

/** What a Parquet file holds, read independently of how it was written. */
export interface ParquetContent {
  readonly rows: number
  /** The schema, and the columns that were asked for, as Arrow IPC streams. */
  readonly schema: Uint8Array
  readonly columns: Uint8Array
}

/**
 * Reads the number of rows, the schema and some columns of a Parquet file.
 *
 * @param columns names of top-level columns; none reads only the footer
 * @throws if the file is not a Parquet file. Damaged bytes may end the process, so compare them first with those written
 */
export async function readParquet(path: string, columns: readonly string[] = []): Promise<ParquetContent> {
  const file = await parquet.ParquetFile.fromFile(await openAsBlob(path))
  try {
    const metadata = file.metadata()
    const rows = metadata.fileMetadata().numRows()
    metadata.free()
    const schema = file.schema().intoIPCStream()
    return { rows, schema, columns: columns.length > 0 ? await readColumns(file, columns) : schema }
  } finally {
    file.free()
  }
}

async function readColumns(file: parquet.ParquetFile, columns: readonly string[]): Promise<Uint8Array> {
  return (await file.read({ columns: [...columns] })).intoIPCStream()
}
