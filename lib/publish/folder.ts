import { createReadStream, createWriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { glob, makeFolder, mapLimit, move, remove, statOptional } from '../core/files.ts'
import { type Content, readBack, type RemoteFile, type Target } from './target.ts'

/** A folder, such as one on a mounted disk. */
export class FolderTarget implements Target {
  readonly address: string

  constructor(folder: string) {
    this.address = folder
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const names = await glob(join(this.address, folder), '**')
    return mapLimit(names, async name => {
      const path = `${folder}/${name}`
      return { path, bytes: (await stat(join(this.address, path))).size }
    })
  }

  async get(path: string): Promise<Readable | undefined> {
    const file = join(this.address, path)
    return (await statOptional(file)) && createReadStream(file, { highWaterMark: 1 << 20 })
  }

  async put(path: string, content: Content): Promise<void> {
    const temporary = join(dirname(path), `_${basename(path)}.part`)
    const file = join(this.address, temporary)
    await makeFolder(dirname(file))
    await remove(file)
    await pipeline(content.open(), createWriteStream(file, { flush: true }))
    await readBack(this, temporary, content)
    await rename(file, join(this.address, path))
  }

  async delete(path: string): Promise<void> {
    await remove(join(this.address, path))
  }

  async move(from: string, to: string): Promise<void> {
    await move(join(this.address, from), join(this.address, to))
  }
}
