import { open } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ColumnTypes } from '../parquet/column-types.ts'
import type { Excerpt } from '../parquet/file.ts'

/** Columns whose values are read back. */
export const READ_BACK = ['candid']

/** Expected content of a file. */
export interface Expected {
  readonly types: ColumnTypes
  readonly candids: readonly bigint[]
  /** Bytes of the footer, and of every column that is read. */
  readonly excerpts: readonly Excerpt[]
}

/**
 * Checks a new Parquet file. Compares bytes on disk with those written, then reads the number of rows, the columns and
 * the candids with parquet-wasm and Arrow, which share no code with the writer.
 *
 * @throws Error with the first difference
 */
export async function readBack(path: string, { types, candids, excerpts }: Expected): Promise<void> {
  await assertWritten(path, excerpts)
  // Imported here, because many processes end without writing a file.
  const [{ readParquet }, { readLongs, schemaTypes }] = await Promise.all([
    import('./parquet-reader.ts'),
    import('./arrow.ts'),
  ])
  const content = await readParquet(path, READ_BACK)
  if (content.rows !== candids.length) throw new Error(`${path} has ${content.rows} rows, expected ${candids.length}`)
  if (!isDeepStrictEqual([...schemaTypes(content.schema)], [...types]))
    throw new Error(`${path} has other columns than were written: check its disk`)
  if (!isDeepStrictEqual([...readLongs(content.columns, 'candid')], candids))
    throw new Error(`${path} has other candids than were written: check its disk`)
}

/** Compares the bytes on disk first, because damaged pages may make parquet-wasm end the process. */
async function assertWritten(path: string, excerpts: readonly Excerpt[]): Promise<void> {
  const file = await open(path)
  try {
    for (const { offset, bytes } of excerpts) {
      const found = Buffer.alloc(bytes.length)
      await file.read(found, 0, bytes.length, offset)
      if (!found.equals(bytes)) throw new Error(`${path} has other bytes than were written: check its disk`)
    }
  } finally {
    await file.close()
  }
}
