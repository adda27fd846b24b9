import { openAsBlob } from 'node:fs'
import parquet from 'parquet-wasm'
import { freeBuffer } from '../core/buffers.ts'
import { DirectFile, type WrittenFile } from './direct-file.ts'

export const CODECS = {
  snappy: parquet.Compression.SNAPPY,
  zstd: parquet.Compression.ZSTD,
  lz4: parquet.Compression.LZ4_RAW,
  none: parquet.Compression.UNCOMPRESSED,
}

export type Codec = keyof typeof CODECS

/**
 * Number of alerts per row group (about 16 MB). A worker holds three row groups in memory: one encoded, one queued
 * and one being written. Larger row groups need more memory and are not faster.
 */
export const ROW_GROUP_ALERTS = 375

/** Our only key in the footer's metadata, because parquet-wasm does not preserve the order of several keys. */
const METADATA_KEY = 'ztf_lake'
/** Initial metadata value. It is replaced in the footer, because the metadata is known only after the last alert. */
const PLACEHOLDER = '?'.repeat(1000)
/** Last bytes of a Parquet file. A row group may end with the same bytes by chance. */
const MAGIC_BYTES = Buffer.from('PAR1')

/**
 * Writes a Parquet file batch by batch.
 *
 * Dictionaries are off, because parquet-wasm would try them on the 13 kB stamps. Stamps never repeat, so dictionaries
 * would double the time and save no space.
 */
export class ParquetFileWriter {
  private readonly file: DirectFile
  private readonly batches: WritableStreamDefaultWriter<parquet.RecordBatch>
  private readonly drained: Promise<void>
  /** The last chunk if it ends like a footer. It is the footer if no other chunk follows. */
  private footer: Buffer<ArrayBuffer> | undefined

  static async create(path: string, codec: Codec): Promise<ParquetFileWriter> {
    return new ParquetFileWriter(await DirectFile.create(path), codec)
  }

  private constructor(file: DirectFile, codec: Codec) {
    const { readable, writable } = new TransformStream<parquet.RecordBatch>()
    this.file = file
    this.batches = writable.getWriter()
    this.drained = this.drain(readable, properties(codec))
    // If a batch cannot be written, make the next call to `write` reject with the error.
    this.drained.catch(reason => this.batches.abort(reason))
  }

  /** Adds a batch from an Arrow IPC stream. Its bytes are copied before the first `await`, so they may be reused. */
  async write(ipc: Uint8Array): Promise<void> {
    const table = parquet.Table.fromIPCStream(ipc)
    const [batch] = table.recordBatches()
    table.free()
    // Do not free the batch, because the stream does.
    if (batch) await this.batches.write(batch)
  }

  /** Writes the footer with up to 1000 ASCII characters of metadata, and closes the file. */
  async close(metadata: string): Promise<WrittenFile> {
    // Put `drained` first, so that a failed write is reported with its own error rather than with a stream error.
    await Promise.all([this.drained, this.batches.close()])
    if (!this.footer) throw new Error('its Parquet footer was not written')
    patchMetadata(this.footer, metadata)
    await this.append(this.footer)
    return this.file.close()
  }

  /** Closes an unfinished file, ignoring errors. */
  async abandon(): Promise<void> {
    await this.batches.abort().catch(() => {})
    await this.drained.catch(() => {})
    await this.file.abandon()
  }

  private async drain(batches: ReadableStream, properties: parquet.WriterProperties): Promise<void> {
    const chunks = await parquet.transformParquetStream(batches, properties)
    for await (const chunk of chunks as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      if (this.footer) await this.append(this.footer)
      this.footer = bytes.subarray(-MAGIC_BYTES.length).equals(MAGIC_BYTES) ? bytes : undefined
      if (!this.footer) await this.append(bytes)
    }
  }

  private async append(bytes: Buffer<ArrayBuffer>): Promise<void> {
    await this.file.append(bytes)
    freeBuffer(bytes.buffer)
  }
}

function patchMetadata(footer: Buffer, metadata: string): void {
  const offset = footer.lastIndexOf(PLACEHOLDER)
  if (offset < 0 || metadata.length > PLACEHOLDER.length)
    throw new Error(`the ${metadata.length} bytes of metadata do not fit into the Parquet footer`)
  footer.write(metadata.padEnd(PLACEHOLDER.length), offset, 'latin1')
}

function properties(codec: Codec): parquet.WriterProperties {
  return new parquet.WriterPropertiesBuilder()
    .setCompression(CODECS[codec])
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(parquet.EnabledStatistics.Chunk)
    .setMaxRowGroupSize(ROW_GROUP_ALERTS)
    .setKeyValueMetadata(new Map([[METADATA_KEY, PLACEHOLDER]]))
    .build()
}

/** Returns the number of rows from a file's footer; throws if the footer is unreadable. */
export async function readRowCount(path: string): Promise<number> {
  return withFile(path, file => {
    const metadata = file.metadata()
    const rows = metadata.fileMetadata().numRows()
    metadata.free()
    return rows
  })
}

/** Returns the schema of a file as an Arrow IPC stream without rows. */
export async function readSchema(path: string): Promise<Uint8Array> {
  return withFile(path, file => file.schema().intoIPCStream())
}

/** Returns one column of a file as an Arrow IPC stream. */
export async function readColumn(path: string, name: string): Promise<Uint8Array> {
  return withFile(path, async file => (await file.read({ columns: [name] })).intoIPCStream())
}

async function withFile<T>(path: string, use: (file: parquet.ParquetFile) => T | Promise<T>): Promise<T> {
  const file = await parquet.ParquetFile.fromFile(await openAsBlob(path))
  try {
    return await use(file)
  } finally {
    file.free()
  }
}
