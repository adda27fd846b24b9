import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describeError, type FileError } from '../core/errors.ts'
import { exists, makeFolder, mapLimit, move, remove, removeLeftover, statOptional, syncToDisk } from '../core/files.ts'
import { TransientError } from '../core/retry.ts'
import { causeOf, openSource, SourceError, translateErrors } from './streams.ts'
import { type Content, type RemoteFile, readBack, type Target, TargetUnusable, temporaryPath } from './target.ts'
import { type Entry, pathIn, walk } from './walk.ts'

/** Errors of a disk that cannot take any file. */
const UNUSABLE = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'])
/** Errors that may be transient, because many mounted disks are on a file server. */
const TRANSIENT = new Set(['EIO', 'ESTALE', 'ETIMEDOUT', 'EREMOTEIO', 'EHOSTDOWN', 'ENOTCONN', 'EBUSY', 'EAGAIN'])

/** A folder, such as one on a mounted disk. */
export class FolderTarget implements Target {
  readonly address: string

  /** @param folder absolute path */
  constructor(folder: string) {
    this.address = folder
  }

  async list(folder: string): Promise<RemoteFile[]> {
    return this.translated(folder, () => walk(folder, path => this.entriesOf(path)))
  }

  async get(path: string): Promise<Readable | undefined> {
    const file = join(this.address, path)
    return this.translated(path, async () => {
      if (!(await statOptional(file))) return undefined
      return translateErrors(createReadStream(file, { highWaterMark: 1 << 20 }), error => this.translate(error, path))
    })
  }

  async put(path: string, content: Content): Promise<void> {
    const temporary = temporaryPath(path)
    await this.translated(path, async () => {
      const file = join(this.address, temporary)
      await makeFolder(dirname(file))
      await removeLeftover(file)
      await pipeline(openSource(path, content), createWriteStream(file, { flush: true, highWaterMark: 1 << 20 }))
      await readBack(this, temporary, content)
      await this.replace(temporary, path)
    }).catch(async error => {
      await remove(join(this.address, temporary)).catch(() => {})
      throw error
    })
  }

  async delete(path: string): Promise<void> {
    await this.translated(path, () => remove(join(this.address, path)))
  }

  async move(from: string, to: string): Promise<void> {
    await this.translated(to, async () => {
      const [isLeft, isThere] = await Promise.all([from, to].map(path => exists(join(this.address, path))))
      if (isLeft || !isThere) await this.replace(from, to)
    })
  }

  /** Renames, and syncs the new name to disk, because with KEEP_LAKE=no this may soon be the only copy. */
  private async replace(from: string, to: string): Promise<void> {
    const path = join(this.address, to)
    await move(join(this.address, from), path)
    await syncToDisk(dirname(path)).catch(error => {
      // Some file systems cannot sync folders.
      if (!['EINVAL', 'ENOTSUP'].includes(error.code)) throw error
    })
  }

  /** Entries of a folder. Links have the sizes and kinds of their destinations. */
  private async entriesOf(folder: string): Promise<Entry[]> {
    const names = await readdir(join(this.address, folder)).catch(error => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return mapLimit(names, async name => {
      const path = pathIn(folder, name)
      const file = join(this.address, path)
      const found = (await statOptional(file)) ?? (await lstat(file))
      return { path, bytes: found.size, isFolder: found.isDirectory() }
    })
  }

  /** Runs an operation if the disk is mounted, and translates its errors. */
  private async translated<T>(path: string, operation: () => Promise<T>): Promise<T> {
    try {
      await this.requireParent()
      return await operation()
    } catch (error) {
      throw error instanceof SourceError ? causeOf(error) : this.translate(error as Error, path)
    }
  }

  private async requireParent(): Promise<void> {
    const parent = dirname(this.address)
    if (await statOptional(parent)) return
    throw new TargetUnusable(
      `${this.address} cannot be used, because the folder ${parent} does not exist: is its disk mounted?`,
    )
  }

  private translate(error: FileError, path: string): Error {
    const { code = '', syscall } = error
    if (!syscall) return error
    const file = join(this.address, path)
    if (TRANSIENT.has(code)) return new TransientError(`${file} cannot be read or written at the moment (${code})`)
    const message = describeError(Object.assign(error, { path: file, setting: 'TO' as const }))
    return UNUSABLE.has(code) ? new TargetUnusable(message) : new Error(message)
  }
}
