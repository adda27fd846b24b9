// @ts-check
// This file is plain JavaScript, because inflate-thread.js imports it.
import { canInflateDirectly, inflateDirectly } from './inflate-direct.js'
import { inflateWithStream, READ_SIZE } from './inflate-stream.js'

/**
 * Sizes in bytes of the pieces passed to zlib. A data error loses all output from the damaged piece, which is then
 * inflated again in smaller pieces, and finally byte by byte.
 */
const PIECE_SIZES = [READ_SIZE, 1 << 10, 1]

/**
 * Inflates a gzip file of one or more members. From a truncated or damaged file, yields all recoverable bytes before
 * the damage, then throws.
 *
 * @param {string} path
 * @param {{ read: number }} progress `read` is set to the number of compressed bytes inflated so far
 * @param {Buffer<ArrayBuffer>[]} recycled whole buffers of earlier chunks, to be filled again; the caller adds to it
 * @param {typeof inflateDirectly} inflateOnce makes one pass over the file
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>} chunks, each in its own buffer
 */
export async function* inflate(path, progress, recycled = [], inflateOnce = fastest()) {
  let [yielded, intact] = [0, 0]
  for (const pieceSize of PIECE_SIZES)
    try {
      const chunks = inflateOnce(path, { intact, pieceSize, recycled }, progress)
      for await (const chunk of dropFirst(yielded, chunks, recycled)) {
        yielded += chunk.length
        yield chunk
      }
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'Z_DATA_ERROR' || pieceSize === 1) throw error
      intact = progress.read
    }
}

/** The public stream API costs more CPU time, and is used only if Node's internals have changed. */
function fastest() {
  return canInflateDirectly() ? inflateDirectly : inflateWithStream
}

/**
 * Yields the chunks, except for the first `count` bytes of the stream.
 *
 * @param {number} count
 * @param {AsyncIterable<Buffer<ArrayBuffer>>} chunks
 * @param {Buffer<ArrayBuffer>[]} recycled
 */
async function* dropFirst(count, chunks, recycled) {
  let position = 0
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.max(0, count - position))
    position += chunk.length
    if (rest.length > 0) yield rest
    else recycled.push(Buffer.from(chunk.buffer))
  }
}
