import { on } from 'node:events'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { freeBuffer } from '../core/buffers.ts'
import { inflate } from './inflate.js'

/** What the inflating thread hands over: a chunk and its memory, the end, or what went wrong. */
type Handed =
  | { buffer: ArrayBuffer; byteOffset: number; length: number; read: number }
  | { done: true }
  | { message: string; code: string | undefined }

/** Bytes of tarball below which starting a thread takes longer than it saves. */
export const SMALL = 16 << 20
/** Chunks of 2 MiB between the threads: what is inflated while a batch of alerts is written. */
const AHEAD = 8

/** What zlib says of bytes that are not as they were written; its other errors are of this machine. */
const DAMAGE = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR', 'Z_NEED_DICT'])

/** The gzip stream is cut or damaged. All that the bytes before that inflate to has been given. */
export class GzipDamage extends Error {
  constructor(cause: Error) {
    super(`its gzip stream is cut or damaged (${cause.message})`, { cause })
  }
}

/**
 * Streams a tarball's tar in chunks of up to 2 MiB, each good until the next is asked for.
 *
 * Inflating is most of the work, so a large tarball is inflated in a thread with a heap of its own: the many buffers
 * that zlib asks for would otherwise have the main heap collected over and over. A file that is not gzip'd is streamed
 * as it is: some of the archive's empty nights are bare zero blocks.
 *
 * @param gauge is told how many bytes of the file the chunks so far are made of
 * @throws GzipDamage where the gzip stream is cut or damaged, after what precedes the damage
 */
export async function* gunzip(path: string, gauge = { read: 0 }): AsyncGenerator<Buffer> {
  const { gzipped, size } = await look(path)
  try {
    if (!gzipped) yield* createReadStream(path)
    else yield* released(size < SMALL ? inflate(path, gauge) : inflateBeside(path, gauge))
  } catch (error) {
    throw DAMAGE.has((error as NodeJS.ErrnoException).code ?? '') ? new GzipDamage(error as Error) : error
  }
}

async function* released(chunks: AsyncIterable<Buffer<ArrayBuffer>>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk
    freeBuffer(chunk.buffer)
  }
}

async function* inflateBeside(path: string, gauge: { read: number }): AsyncGenerator<Buffer<ArrayBuffer>> {
  const thread = new Worker(new URL('./inflate-thread.js', import.meta.url), { workerData: { path, ahead: AHEAD } })
  try {
    for await (const [message] of on(thread, 'message', { close: ['exit'] })) {
      const handed = message as Handed
      // An error loses its code between threads.
      if ('message' in handed) throw Object.assign(new Error(handed.message), { code: handed.code })
      if ('done' in handed) return
      gauge.read = handed.read
      yield Buffer.from(handed.buffer, handed.byteOffset, handed.length)
      thread.postMessage('taken')
    }
    throw new Error('the thread that inflated it ended early: out of memory?')
  } finally {
    await thread.terminate()
  }
}

async function look(path: string): Promise<{ gzipped: boolean; size: number }> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return { gzipped: bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b, size: (await file.stat()).size }
  } finally {
    await file.close()
  }
}
