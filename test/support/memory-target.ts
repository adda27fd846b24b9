import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { sha256OfBytes } from '../../lib/core/files.ts'
import { type Content, type RemoteFile, type Target, WrongBytes } from '../../lib/publish/target.ts'

/** A target in memory: a store of objects or, with `move`, a file system. */
export class MemoryTarget implements Target {
  readonly address: string
  readonly files = new Map<string, Buffer>()
  readonly move?: (from: string, to: string) => Promise<void>
  /** Called before each operation that changes something, with its description. */
  before: (operation: string) => void = () => {}

  constructor(kind: 'objects' | 'folders') {
    this.address = `memory://${kind}`
    if (kind === 'folders') this.move = (from, to) => this.rename(from, to)
  }

  async list(folder: string): Promise<RemoteFile[]> {
    const inside = [...this.files].filter(([path]) => path.startsWith(`${folder}/`))
    return inside.map(([path, { length }]) => ({ path, bytes: length }))
  }

  async get(path: string): Promise<Readable | undefined> {
    const bytes = this.files.get(path)
    return bytes && Readable.from([bytes], { objectMode: false })
  }

  async put(path: string, { sha256, open }: Content): Promise<void> {
    this.before(`put ${path}`)
    const bytes = await buffer(open())
    if (sha256OfBytes(bytes) !== sha256) throw new WrongBytes(`${path} has received other bytes`)
    this.files.set(path, bytes)
  }

  async delete(path: string): Promise<void> {
    this.before(`delete ${path}`)
    for (const name of this.below(path)) this.files.delete(name)
  }

  private async rename(from: string, to: string): Promise<void> {
    this.before(`move ${from} to ${to}`)
    const names = this.below(from)
    if (names.length === 0) throw new Error(`${from} does not exist`)
    if (this.below(to).some(name => name !== to)) throw new Error(`${to} is not empty`)
    for (const name of names) {
      this.files.set(to + name.slice(from.length), this.files.get(name) as Buffer)
      this.files.delete(name)
    }
  }

  private below(path: string): string[] {
    return [...this.files.keys()].filter(name => name === path || (this.move && name.startsWith(`${path}/`)))
  }
}
