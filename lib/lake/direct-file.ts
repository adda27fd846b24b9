import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Blocks } from '../core/buffers.ts'
import { addPath } from '../core/errors.ts'

/** What direct writes are aligned to: no disk's sector is larger. */
const ALIGNMENT = 4096

/**
 * 4 MiB at a time; three of them let one be filled while two wait for the disk. One set for all files of a process: of
 * those no more than two are unfinished at a time, so there is always one block that none of them holds.
 */
const BLOCK = 4 << 20
const blocks = new Blocks(BLOCK, 3)

/** What is known of a file once it is closed. */
export interface Written {
  readonly bytes: number
  readonly sha256: string
}

/**
 * A file that is written once, from start to end, in large blocks that go to the disk past the system's page cache.
 *
 * A lake is larger than any memory and not read back soon: to cache it costs a copy of every byte, and evicts the
 * tarballs that have just been fetched. Where a file system does not write so (tmpfs, some network ones) the cache is
 * used.
 */
export class BlockFile {
  private readonly path: string
  private readonly file: FileHandle
  /** Opened where the file system refuses direct writes. */
  private cached: Promise<FileHandle> | undefined
  private readonly hash = createHash('sha256')
  private block: Buffer | undefined
  private filled = 0
  private position = 0
  /** Settles once every block sent so far is on the disk, or one cannot be. */
  private written: Promise<unknown> = Promise.resolve()
  private failure: Error | undefined

  /** @throws Error of the system where no file can be made at `path` */
  static async create(path: string): Promise<BlockFile> {
    const { O_DIRECT = 0, O_WRONLY, O_CREAT, O_TRUNC } = constants
    const flags = O_WRONLY | O_CREAT | O_TRUNC
    return new BlockFile(path, await open(path, flags | O_DIRECT).catch(() => open(path, flags)))
  }

  /** @param file a handle to write with, as long as it can */
  constructor(path: string, file: FileHandle) {
    this.path = path
    this.file = file
  }

  /**
   * Adds bytes, which may be written over once this has returned; waits where the disk is far behind.
   * @throws Error of the system where an earlier block could not be written
   */
  async append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      this.block ??= await blocks.take()
      if (this.failure) throw this.failure
      const part = bytes.subarray(at, at + BLOCK - this.filled)
      this.block.set(part, this.filled)
      this.filled += part.length
      at += part.length
      if (this.filled === BLOCK) this.send(this.block, BLOCK)
    }
  }

  /**
   * Ends the file, once all of it is on the disk.
   * @throws Error of the system where it cannot be
   */
  async close(): Promise<Written> {
    const bytes = this.position + this.filled
    if (this.block) this.send(this.block, Math.ceil(this.filled / ALIGNMENT) * ALIGNMENT)
    await this.written
    try {
      if (this.failure) throw this.failure
      await this.file.truncate(bytes)
      await this.file.sync().catch(addPath(this.path))
    } finally {
      await this.closeHandles()
    }
    return { bytes, sha256: this.hash.digest('hex') }
  }

  /** Gives the file up, whatever state it is in. */
  async abandon(): Promise<void> {
    if (this.block) blocks.give(this.block)
    this.block = undefined
    await this.written
    await this.closeHandles().catch(() => {})
  }

  /** Has the block written, `length` bytes of it, and gives it back once it is. */
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
    await (await this.cached)?.close()
    await this.file.close()
  }

  /** Some file systems open a file for direct writes and then refuse them: from there on the cache is used. */
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
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten
}
