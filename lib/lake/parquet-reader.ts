import { constants, openAsBlob } from 'node:fs'
import { access } from 'node:fs/promises'
import parquet from 'parquet-wasm'

/** Content of a Parquet file, read by a library that shares no code with the writer. */
export interface ParquetContent {
  readonly rows: number
  /** The schema, and the requested columns, as Arrow IPC streams. */
  readonly schema: Uint8Array
  readonly columns: Uint8Array
}

/**
 * Reads the number of rows, the schema and some columns of a Parquet file.
 *
 * @param source path, or the content of a file that may be replaced while it is read: parquet-wasm does not survive that
 * @param columns names of top-level columns, or paths of leaves such as `prv_candidates.list.element.jd`; if there are
 *   none, only the footer is read
 * @throws Error if the file is not a Parquet file. Damaged pages may end the process, so check the file's bytes first
 */
export async function readParquet(
  source: string | Uint8Array<ArrayBuffer>,
  columns: readonly string[] = [],
): Promise<ParquetContent> {
  // openAsBlob does not say why it fails.
  if (typeof source === 'string') await access(source, constants.R_OK)
  const blob = typeof source === 'string' ? await openAsBlob(source) : new Blob([source])
  const file = await parquet.ParquetFile.fromFile(blob)
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
