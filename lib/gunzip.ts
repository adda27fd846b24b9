import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

const CHUNK = 1 << 20

/** The gzip stream is cut or damaged. Every byte before a cut has been given; before damage, all but the last chunk. */
export class GzipDamage extends Error {
  constructor(cause: Error) {
    super(`its gzip stream is cut or damaged (${cause.message})`, { cause })
  }
}

/**
 * Streams a tarball's tar, 1 MiB at a time, inflated in a thread of its own while the last chunk is used.
 *
 * A file that is not gzip'd is streamed as it
 * is: some of the archive's empty nights are bare zero blocks.
 *
 * @throws GzipDamage where the gzip stream is cut or damaged, after what precedes the damage
 */
export async function* gunzip(path: string): AsyncGenerator<Buffer> {
  const gzipped = await isGzip(path)
  const file = createReadStream(path, { highWaterMark: CHUNK })
  if (!gzipped) {
    yield* file
    return
  }
  const inflated = createGunzip({ chunkSize: CHUNK })
  feed(file, inflated).catch(error => inflated.destroy(error))
  try {
    yield* inflated
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith('Z_') ? new GzipDamage(error as Error) : error
  } finally {
    file.destroy()
    inflated.destroy()
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
  } finally {
    await file.close()
  }
}

/** Ends the stream only after its last write is done: otherwise zlib drops what it inflated just before a cut. */
async function feed(file: AsyncIterable<Buffer>, inflated: ReturnType<typeof createGunzip>): Promise<void> {
  for await (const chunk of file) await new Promise<void>(resolve => inflated.write(chunk, () => resolve()))
  inflated.end()
}
