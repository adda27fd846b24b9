import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { CRC_START, updateCrc } from '../core/crc32c.ts'

/** Number of bytes to which each CRC applies: HDFS's `dfs.bytes-per-checksum`, of which this is the default. */
const CHUNK = 512

/** Checksum of a file, as GETFILECHECKSUM returns it. */
export interface HdfsChecksum {
  readonly algorithm: string
  /** In hex: bytes per CRC (4 bytes), CRCs per block (8 bytes; 0 if there is one block), and an MD5. */
  readonly bytes: string
}

/** Computes, while a file is sent, the SHA-256 of its bytes and the CRCs that data nodes keep of them. */
export class SentChecksums {
  private readonly sha = createHash('sha256')
  /** CRC-32C of each full chunk, most significant byte first. */
  private readonly crcs: Buffer
  private chunks = 0
  /** State of the CRC of the chunk that is not full yet, and the number of its bytes. */
  private crc = CRC_START
  private filled = 0

  /** @param bytes size of the file */
  constructor(bytes: number) {
    this.crcs = Buffer.alloc(4 * Math.ceil(bytes / CHUNK))
  }

  /** Passes on the chunks of a stream. */
  async *through(stream: Readable): AsyncGenerator<Uint8Array> {
    for await (const bytes of stream) {
      this.add(bytes)
      yield bytes
    }
    if (this.filled > 0) this.endChunk()
  }

  /** SHA-256 in hex. Call once, after the end of the stream. */
  sha256(): string {
    return this.sha.digest('hex')
  }

  /** Whether a file at HDFS has these bytes. Also false if its checksum is of a kind that is not computed here. */
  match({ algorithm, bytes }: HdfsChecksum): boolean {
    const parts = /^MD5-of-(\d+)MD5-of-512CRC32C$/.exec(algorithm)
    if (!parts) return false
    return bytes.slice(24, 56) === this.md5(Number(parts[1]))
  }

  /**
   * MD5 of the MD5s of the blocks' CRCs. HDFS computes it of a buffer whose size, beginning at 32 bytes, doubles as needed,
   * so zeros follow the MD5s. Source: FileChecksumHelper and DataOutputBuffer of Hadoop 3.4.
   * @param crcsPerBlock 0 if the file has one block
   */
  private md5(crcsPerBlock: number): string {
    const step = 4 * crcsPerBlock || Math.max(1, this.crcs.length)
    const blocks: Buffer[] = []
    for (let start = 0; start < this.crcs.length; start += step)
      blocks.push(
        createHash('md5')
          .update(this.crcs.subarray(start, start + step))
          .digest(),
      )
    let size = 32
    while (size < 16 * blocks.length) size *= 2
    const padded = Buffer.alloc(size)
    Buffer.concat(blocks).copy(padded)
    return createHash('md5').update(padded).digest('hex')
  }

  private add(bytes: Uint8Array): void {
    this.sha.update(bytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + CHUNK - this.filled)
      this.crc = updateCrc(this.crc, view, start, end)
      this.filled += end - start
      start = end
      if (this.filled === CHUNK) this.endChunk()
    }
  }

  private endChunk(): void {
    this.crcs.writeInt32BE(~this.crc, 4 * this.chunks++)
    this.crc = CRC_START
    this.filled = 0
  }
}
