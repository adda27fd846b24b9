import { on } from 'node:events'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { freeBuffer } from '../core/buffers.ts'
import { inflate } from './inflate.js'

/** Message from the inflate thread: a chunk, the end, or an error. */
type ThreadMessage =
  | { buffer: ArrayBuffer; byteOffset: number; length: number; read: number }
  | { done: true }
  | { message: string; code: string | undefined }

/** Tarball size in bytes below which starting a worker thread costs more time than it saves. */
export const THREAD_THRESHOLD = 16 << 20

/** Maximum number of chunks inflated ahead, enough to keep the thread busy while pages are encoded. */
const MAX_PENDING_CHUNKS = 8

/** zlib error codes for corrupt data. All other errors are rethrown unchanged. */
const CORRUPTION_CODES = new Set(['Z_BUF_ERROR', 'Z_DATA_ERROR', 'Z_NEED_DICT'])

/** Error for a truncated or damaged gzip stream. All recoverable data has already been yielded. */
export class CorruptGzipError extends Error {
  /** Whether the file ends early. Otherwise bytes follow the damage, and have not been read. */
  readonly isCut: boolean

  constructor(cause: NodeJS.ErrnoException) {
    super(`its gzip stream is cut or damaged (${cause.message})`, { cause })
    this.isCut = cause.code === 'Z_BUF_ERROR'
  }
}

/**
 * Streams the tar inside a tarball in chunks of up to 2 MiB. A chunk is valid until the next one is requested.
 *
 * Inflating is most of the work, so large tarballs are inflated in a worker thread. Its buffers are filled again after
 * use, because new ones would cost page faults and garbage collections. A file that is not gzipped is streamed
 * unchanged, because some of the archive's empty nights consist of uncompressed zero blocks.
 *
 * @param progress `read` is set to the number of compressed bytes inflated so far
 * @throws CorruptGzipError after yielding all recoverable data
 */
export async function* gunzip(path: string, progress = { read: 0 }): AsyncGenerator<Buffer> {
  const { gzipped, size } = await inspect(path)
  try {
    if (!gzipped) yield* createReadStream(path)
    else yield* size < THREAD_THRESHOLD ? inflateHere(path, progress) : inflateInThread(path, progress)
  } catch (error) {
    throw CORRUPTION_CODES.has((error as NodeJS.ErrnoException).code ?? '')
      ? new CorruptGzipError(error as Error)
      : error
  }
}

async function* inflateHere(path: string, progress: { read: number }): AsyncGenerator<Buffer> {
  const recycled: Buffer<ArrayBuffer>[] = []
  try {
    for await (const chunk of inflate(path, progress, recycled)) {
      yield chunk
      recycled.push(Buffer.from(chunk.buffer))
    }
  } finally {
    for (const { buffer } of recycled) freeBuffer(buffer)
  }
}

async function* inflateInThread(path: string, progress: { read: number }): AsyncGenerator<Buffer> {
  const workerData = { path, maxPending: MAX_PENDING_CHUNKS }
  const thread = new Worker(new URL('./inflate-thread.js', import.meta.url), { workerData })
  try {
    for await (const [message] of on(thread, 'message', { close: ['exit'] })) {
      const received = message as ThreadMessage
      // The thread sends the message and the code of an error, because an Error object would lose its code.
      if ('message' in received) throw Object.assign(new Error(received.message), { code: received.code })
      if ('done' in received) return
      progress.read = received.read
      yield Buffer.from(received.buffer, received.byteOffset, received.length)
      thread.postMessage(received.buffer, [received.buffer])
    }
    throw new Error('the thread that inflated it ended early: out of memory?')
  } finally {
    await thread.terminate()
  }
}

async function inspect(path: string): Promise<{ gzipped: boolean; size: number }> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return { gzipped: bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b, size: (await file.stat()).size }
  } finally {
    await file.close()
  }
}
