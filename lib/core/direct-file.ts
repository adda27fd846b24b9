import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BlockPool } from './buffers.ts'
import { addPath } from './errors.ts'

/** The size of a direct write must be a multiple of the disk's sector size, which is at most 4096 bytes. */
const ALIGNMENT = 4096

const BLOCK_BYTES = 4 << 20
/**
 * Three blocks, shared by all files in a process, so that one can be filled while two are written. An unfinished file
 * holds at most one partly filled block, so up to two files may be unfinished at a time.
 */
const blocks = new BlockPool(BLOCK_BYTES, 3)

export interface WrittenFile {
  readonly bytes: number
  readonly sha256: string
}

/**
 * A file written sequentially, in large blocks that bypass the system's page cache (O_DIRECT).
 *
 * The lake is larger than memory and is not read back soon, so caching would only copy every byte and evict recently
 * downloaded tarballs. File systems without O_DIRECT (e.g. tmpfs) use the page cache instead.
 */
export class DirectFile {
  private readonly path: string
  private readonly file: FileHandle
  /** Handle without O_DIRECT, opened if the file system rejects direct writes. */
  private cached: Promise<FileHandle> | undefined
  private readonly hash = createHash('sha256')
  private block: Buffer | undefined
  private filled = 0
  private position = 0
  /** Resolves when every block sent so far has been written or has failed. */
  private written: Promise<unknown> = Promise.resolve()
  private failure: Error | undefined

  static async create(path: string): Promise<DirectFile> {
    const { O_DIRECT = 0, O_WRONLY, O_CREAT, O_TRUNC } = constants
    const flags = O_WRONLY | O_CREAT | O_TRUNC
    return new DirectFile(path, await open(path, flags | O_DIRECT).catch(() => open(path, flags)))
  }

  constructor(path: string, file: FileHandle) {
    this.path = path
    this.file = file
  }

  /**
   * Appends a copy of the bytes. Waits while all blocks are in use.
   * @throws Error if an earlier block could not be written
   */
  async append(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      this.block ??= await blocks.take()
      if (this.failure) throw this.failure
      const added = bytes.subarray(offset, offset + BLOCK_BYTES - this.filled)
      this.block.set(added, this.filled)
      this.filled += added.length
      offset += added.length
      if (this.filled === BLOCK_BYTES) this.send(this.block, BLOCK_BYTES)
    }
  }

  /** Writes the rest of the file, syncs it to disk and closes it. */
  async close(): Promise<WrittenFile> {
    const bytes = this.position + this.filled
    if (this.block) this.send(this.block, Math.ceil(this.filled / ALIGNMENT) * ALIGNMENT)
    await this.written
    try {
      if (this.failure) throw this.failure
      await this.file.truncate(bytes)
      await this.file.sync().catch(addPath(this.path))
    } catch (error) {
      await this.closeHandles().catch(() => {})
      throw error
    }
    await this.closeHandles()
    return { bytes, sha256: this.hash.digest('hex') }
  }

  /** Closes an unfinished file, ignoring errors. */
  async abandon(): Promise<void> {
    if (this.block) blocks.give(this.block)
    this.block = undefined
    await this.written
    await this.closeHandles().catch(() => {})
  }

  /** Starts writing the block's first `length` bytes. The block is returned to the pool afterwards. */
  private send(block: Buffer, length: number): void {
    this.hash.update(block.subarray(0, this.filled))
    const writing = this.write(block.subarray(0, length), this.position)
      .catch(addPath(this.path))
      .catch((error: Error) => {
        this.failure ??= error
      })
      .finally(() => blocks.give(block))
    this.written = Promise.all([this.written, writing])
    this.position += this.filled
    this.filled = 0
    this.block = undefined
  }

  private async closeHandles(): Promise<void> {
    try {
      await (await this.cached)?.close()
    } finally {
      await this.file.close()
    }
  }

  /**
   * Writes bytes at a position. On EINVAL, switches to the page cache, because some file systems accept O_DIRECT when
   * the file is opened but reject direct writes.
   */
  private async write(bytes: Buffer, position: number): Promise<void> {
    try {
      await writeAll(await (this.cached ?? this.file), bytes, position)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
      this.cached ??= open(this.path, 'r+')
      await writeAll(await this.cached, bytes, position)
    }
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let offset = 0; offset < bytes.length; )
    offset += (await file.write(bytes, offset, bytes.length - offset, position + offset)).bytesWritten
}
