import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import parquet from 'parquet-wasm'

export const CODECS = {
  snappy: parquet.Compression.SNAPPY,
  zstd: parquet.Compression.ZSTD,
  lz4: parquet.Compression.LZ4_RAW,
  none: parquet.Compression.UNCOMPRESSED,
}

export type Codec = keyof typeof CODECS

/**
 * Alerts a row group: 22 MB of them. A worker holds three, encoded, handed over and being written, whatever the size of
 * the night; with 1,000 it takes a tenth longer and 50 MB more.
 */
const ROW_GROUP = 500

/** Key of the one entry of ours in the footer's metadata: of several, parquet-wasm would shuffle the order. */
const NOTE = 'ztf_lake'
const ROOM = '?'.repeat(1000)

/** What is known of a file once it is closed. */
export interface Written {
  readonly bytes: number
  readonly sha256: string
}

/**
 * A Parquet file that is written batch by batch. Nothing else imports parquet-wasm.
 *
 * Dictionaries are off: they are tried on 13 kB stamps that never repeat, which costs twice the time and saves nothing.
 */
export class ParquetFile {
  private readonly file: FileHandle
  private readonly batches: WritableStreamDefaultWriter<parquet.RecordBatch>
  private readonly drained: Promise<void>
  private readonly hash = createHash('sha256')
  private bytes = 0
  /** The footer is in the last chunk, which waits here for what is known only at the end. */
  private last: Buffer = Buffer.alloc(0)

  /** Begins a file at `path`. */
  static async create(path: string, codec: Codec): Promise<ParquetFile> {
    return new ParquetFile(await open(path, 'w'), codec)
  }

  private constructor(file: FileHandle, codec: Codec) {
    const { readable, writable } = new TransformStream<parquet.RecordBatch>()
    this.file = file
    this.batches = writable.getWriter()
    this.drained = this.drain(readable, properties(codec))
    // A write that fails ends the stream: `write` and `close` then throw the reason, this only keeps it from being lost.
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
    await this.batches.close()
    await this.drained
    this.patch(note)
    await this.append(this.last)
    await this.file.sync()
    await this.file.close()
    return { bytes: this.bytes, sha256: this.hash.digest('hex') }
  }

  /** Gives the file up, whatever state it is in. */
  async abandon(): Promise<void> {
    await this.batches.abort().catch(() => {})
    await this.drained.catch(() => {})
    await this.file.close().catch(() => {})
  }

  private async drain(batches: ReadableStream, properties: parquet.WriterProperties): Promise<void> {
    const chunks = await parquet.transformParquetStream(batches, properties)
    let writing = Promise.resolve()
    for await (const chunk of chunks as unknown as AsyncIterable<Uint8Array>) {
      await writing
      // Not waited for: the next row group is encoded while this one is written.
      writing = this.append(this.last)
      writing.catch(() => {})
      this.last = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
    await writing
  }

  private async append(chunk: Buffer): Promise<void> {
    this.hash.update(chunk)
    this.bytes += chunk.length
    for (let at = 0; at < chunk.length; ) at += (await this.file.write(chunk, at)).bytesWritten
  }

  /** Puts the note where room was left for it: what it says is known only once all alerts have been read. */
  private patch(note: string): void {
    const at = this.last.lastIndexOf(ROOM)
    if (at < 0 || note.length > ROOM.length) throw new Error('the footer has no room for its metadata')
    this.last.write(note.padEnd(ROOM.length), at, 'latin1')
  }
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
  const file = await parquet.ParquetFile.fromFile(await openAsBlob(path))
  const metadata = file.metadata()
  const rows = metadata.fileMetadata().numRows()
  metadata.free()
  file.free()
  return rows
}
