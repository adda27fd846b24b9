import { openAsBlob } from 'node:fs'
import parquet from 'parquet-wasm'
import { freeBuffer } from '../core/buffers.ts'
import { BlockFile, type Written } from './direct-file.ts'

export const CODECS = {
  snappy: parquet.Compression.SNAPPY,
  zstd: parquet.Compression.ZSTD,
  lz4: parquet.Compression.LZ4_RAW,
  none: parquet.Compression.UNCOMPRESSED,
}

export type Codec = keyof typeof CODECS

/**
 * Alerts a row group: 16 MB of them, eight groups in a file. A worker holds three, encoded, handed over and being
 * written, whatever the size of the night; larger ones take more memory and no less time.
 */
export const ROW_GROUP = 375

/** Key of the one entry of ours in the footer's metadata: of several, parquet-wasm would shuffle the order. */
const NOTE = 'ztf_lake'
const ROOM = '?'.repeat(1000)
/** What a Parquet file ends with; a row group may, by chance. */
const MAGIC = Buffer.from('PAR1')

/**
 * A Parquet file that is written batch by batch. Nothing else imports parquet-wasm.
 *
 * Dictionaries are off: they are tried on 13 kB stamps that never repeat, which costs twice the time and saves nothing.
 */
export class ParquetFile {
  private readonly file: BlockFile
  private readonly batches: WritableStreamDefaultWriter<parquet.RecordBatch>
  private readonly drained: Promise<void>
  /** The chunk that may end with the footer waits here: what that says is known only at the end. */
  private footer: Buffer<ArrayBuffer> | undefined

  /** Begins a file at `path`. */
  static async create(path: string, codec: Codec): Promise<ParquetFile> {
    return new ParquetFile(await BlockFile.create(path), codec)
  }

  private constructor(file: BlockFile, codec: Codec) {
    const { readable, writable } = new TransformStream<parquet.RecordBatch>()
    this.file = file
    this.batches = writable.getWriter()
    this.drained = this.drain(readable, properties(codec))
    // A write that fails ends the stream: `write` and `close` then throw the reason, which this keeps from being lost.
    this.drained.catch(reason => this.batches.abort(reason))
  }

  /** Adds a batch, given as an Arrow IPC stream, which may be written over once this has been called. */
  async write(ipc: Uint8Array): Promise<void> {
    const table = parquet.Table.fromIPCStream(ipc)
    const [batch] = table.recordBatches()
    table.free()
    // The stream takes the batch over, and frees it.
    if (batch) await this.batches.write(batch)
  }

  /**
   * Ends the file.
   * @param note what the footer's metadata say of the file, up to a kB of ASCII
   */
  async close(note: string): Promise<Written> {
    // Of the two that fail where the disk does, the first knows why.
    await Promise.all([this.drained, this.batches.close()])
    if (!this.footer) throw new Error('its footer was not written')
    patch(this.footer, note)
    await this.append(this.footer)
    return this.file.close()
  }

  /** Gives the file up, whatever state it is in. */
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
      this.footer = bytes.subarray(-MAGIC.length).equals(MAGIC) ? bytes : undefined
      if (!this.footer) await this.append(bytes)
    }
  }

  private async append(bytes: Buffer<ArrayBuffer>): Promise<void> {
    await this.file.append(bytes)
    freeBuffer(bytes.buffer)
  }
}

/** Puts the note where room was left for it: what it says is known only once all alerts have been read. */
function patch(footer: Buffer, note: string): void {
  const at = footer.lastIndexOf(ROOM)
  if (at < 0 || note.length > ROOM.length) throw new Error('the footer has no room for its metadata')
  footer.write(note.padEnd(ROOM.length), at, 'latin1')
}

function properties(codec: Codec): parquet.WriterProperties {
  return new parquet.WriterPropertiesBuilder()
    .setCompression(CODECS[codec])
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(parquet.EnabledStatistics.Chunk)
    .setMaxRowGroupSize(ROW_GROUP)
    .setKeyValueMetadata(new Map([[NOTE, ROOM]]))
    .build()
}

/** Rows that a file's footer states: parquet-wasm does not tell of a write that failed, an unreadable footer does. */
export async function rowsOf(path: string): Promise<number> {
  return reading(path, file => {
    const metadata = file.metadata()
    const rows = metadata.fileMetadata().numRows()
    metadata.free()
    return rows
  })
}

/** The columns that a file's footer states, as an Arrow IPC stream without rows. */
export async function schemaOf(path: string): Promise<Uint8Array> {
  return reading(path, file => file.schema().intoIPCStream())
}

/** One column of a file, as an Arrow IPC stream; no other column is read. */
export async function columnOf(path: string, name: string): Promise<Uint8Array> {
  return reading(path, async file => (await file.read({ columns: [name] })).intoIPCStream())
}

async function reading<T>(path: string, read: (file: parquet.ParquetFile) => T | Promise<T>): Promise<T> {
  const file = await parquet.ParquetFile.fromFile(await openAsBlob(path))
  try {
    return await read(file)
  } finally {
    file.free()
  }
}
