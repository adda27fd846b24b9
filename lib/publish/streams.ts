import { Readable } from 'node:stream'
import { type Content, WrongBytes } from './target.ts'

/**
 * Error of reading the source of a copy, with the original error as its cause. It distinguishes errors of the source from
 * those of the target, because a pipeline passes on both, and they may have the same codes.
 */
export class SourceError extends Error {}

/** Opens the source of a copy. It fails with a SourceError, also if its length is not as expected. */
export function openSource(path: string, content: Content): Readable {
  return Readable.from(sized(path, content), { objectMode: false, highWaterMark: 1 << 20 })
}

/** The original error if reading the source failed; otherwise the error itself. */
export function causeOf(error: unknown): unknown {
  return error instanceof SourceError ? error.cause : error
}

/** The same stream with its errors translated. */
export function translateErrors(stream: Readable, translate: (error: Error) => Error): Readable {
  const translated = Readable.from(translating(stream, translate), { objectMode: false, highWaterMark: 1 << 20 })
  // A generator that has not been started does not close its input.
  return translated.once('close', () => stream.destroy())
}

async function* sized(path: string, { open, bytes }: Content): AsyncGenerator<Uint8Array> {
  let found = 0
  try {
    for await (const chunk of open()) {
      found += chunk.length
      // A server would wait forever for missing bytes, and take further ones for the next request.
      if (found > bytes) break
      yield chunk
    }
  } catch (cause) {
    throw new SourceError(`the local copy of ${path} cannot be read`, { cause })
  }
  if (found === bytes) return
  const size = found > bytes ? `more than ${bytes}` : found
  const cause = new WrongBytes(`the local copy of ${path} has ${size} bytes, expected ${bytes}`)
  throw new SourceError(cause.message, { cause })
}

async function* translating(stream: Readable, translate: (error: Error) => Error): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw translate(error as Error)
  }
}
