import { DirectFile, type WrittenFile } from '../core/direct-file.ts'
import type { StructColumn } from './columns.ts'
import { encodeFooter, MAGIC, type Position, type WrittenChunk, type WrittenRowGroup } from './footer.ts'
import { encodeColumnIndex, encodeOffsetIndex } from './page-index.ts'
import { reuse } from './pages.ts'
import type { FinishedRowGroup } from './row-group.ts'
import { schemaElements } from './schema.ts'

/** Bytes of a file and their offset, for comparison with the bytes on disk. */
export interface Excerpt {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Encodes a Parquet file with the columns of a table and no rows. */
export function encodeEmptyFile(table: StructColumn, createdBy: string): Uint8Array {
  return Buffer.concat([MAGIC, encodeFooter(schemaElements(table), [], createdBy)])
}

/** Writes a Parquet file row group by row group: PAR1, column chunks, indexes, Bloom filters, footer. */
export class ParquetFile {
  private readonly file: DirectFile
  private readonly kept: readonly string[]
  private position = 0
  private readonly rowGroups: WrittenRowGroup[] = []
  private readonly excerpts: Excerpt[] = []

  /** @param kept names of the columns that `close` returns. Their bytes are held in memory until then */
  static async create(path: string, kept: readonly string[]): Promise<ParquetFile> {
    const file = new ParquetFile(await DirectFile.create(path), kept)
    await file.append(MAGIC)
    return file
  }

  private constructor(file: DirectFile, kept: readonly string[]) {
    this.file = file
    this.kept = kept
  }

  /** Writes the column chunks in the order of the schema: Spark assigns a row group to a split by its first column. */
  async write({ rows, schema, chunks }: FinishedRowGroup): Promise<void> {
    const written: WrittenChunk[] = []
    for (const chunk of chunks) {
      written.push({ chunk, offset: this.position })
      if (this.kept.includes(chunk.name)) {
        const bytes = Buffer.concat(chunk.pages.flatMap(({ parts }) => parts))
        this.excerpts.push({ offset: this.position, bytes })
      }
      for (const { parts, buffer } of chunk.pages) {
        // Forget the parts once they are written, because the footer needs only their sizes.
        for (const part of parts.splice(0)) await this.append(part)
        if (buffer) reuse(buffer)
      }
    }
    this.rowGroups.push({ rows, schema, chunks: written })
  }

  /**
   * Writes the indexes and the footer, with `metadata` as its keys and values, and closes the file.
   *
   * @returns as excerpts, the kept columns and everything after the column chunks
   */
  async close(
    createdBy: string,
    metadata: Readonly<Record<string, string>>,
  ): Promise<WrittenFile & { readonly excerpts: readonly Excerpt[] }> {
    const chunks = this.rowGroups.flatMap(rowGroup => rowGroup.chunks)
    const tail: Uint8Array[] = []
    const add = (bytes: Uint8Array): Position => {
      const position = { offset: this.position, length: bytes.length }
      tail.push(bytes)
      this.position += bytes.length
      return position
    }
    for (const written of chunks) {
      const index = written.chunk.hasPageRanges ? encodeColumnIndex(written.chunk) : undefined
      if (index) written.columnIndex = add(index)
    }
    for (const written of chunks) written.offsetIndex = add(encodeOffsetIndex(written.chunk, written.offset))
    for (const written of chunks) {
      const filter = written.chunk.bloomFilter
      if (filter) written.bloomFilter = add(filter)
    }
    add(encodeFooter(this.rowGroups[0]?.schema ?? [], this.rowGroups, createdBy, metadata))
    const bytes = Buffer.concat(tail)
    this.excerpts.push({ offset: this.position - bytes.length, bytes })
    await this.file.append(bytes)
    return { ...(await this.file.close()), excerpts: this.excerpts }
  }

  /** Closes an unfinished file, ignoring errors. */
  async abandon(): Promise<void> {
    await this.file.abandon()
  }

  private async append(bytes: Uint8Array): Promise<void> {
    this.position += bytes.length
    await this.file.append(bytes)
  }
}
