import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { sha256OfBytes } from '../../lib/core/files.ts'
import type { Content, Target } from '../../lib/publish/target.ts'

/** What a file has to contain. */
export function contentOf(text: string | Buffer, source: () => Readable = () => streamOf(text)): Content {
  const bytes = Buffer.from(text)
  return { bytes: bytes.length, sha256: sha256OfBytes(bytes), open: source }
}

export function streamOf(...chunks: readonly (string | Buffer)[]): Readable {
  return Readable.from(
    chunks.map(chunk => Buffer.from(chunk)),
    { objectMode: false },
  )
}

/** A stream that breaks like that of a bad disk, after some bytes. */
export function brokenStream(text: string | Buffer): Readable {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from(text)
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
  }
  return Readable.from(broken(), { objectMode: false })
}

/** Text of a file at a target; undefined if it does not exist. */
export async function textOf(target: Target, path: string): Promise<string | undefined> {
  const stream = await target.get(path)
  return stream && text(stream)
}
