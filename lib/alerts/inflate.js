// @ts-check
// This file is plain JavaScript, because inflate-thread.js imports it.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Bytes per read and per inflated chunk. Each read and chunk costs a thread pool round trip of about 100 us. */
const READ_SIZE = 1 << 20
const CHUNK_SIZE = 2 << 20

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
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>} chunks, each in its own buffer, which the caller may free
 */
export async function* inflate(path, progress) {
  let [yielded, intact] = [0, 0]
  for (const pieceSize of PIECE_SIZES)
    try {
      for await (const chunk of dropFirst(yielded, inflateInPieces(path, { intact, pieceSize }, progress))) {
        yielded += chunk.length
        yield chunk
      }
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'Z_DATA_ERROR' || pieceSize === 1) throw error
      intact = progress.read
    }
}

/**
 * Inflates a file. Joins adjacent slices of zlib's output buffers, so that each buffer is yielded whole.
 *
 * The readable highWaterMark is 1, because a stream that buffers two slices copies them into one, and loses the last
 * slice on an error.
 *
 * @param {string} path
 * @param {{ intact: number, pieceSize: number }} options number of intact bytes, and piece size for the rest
 * @param {{ read: number }} progress
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
async function* inflateInPieces(path, { intact, pieceSize }, progress) {
  const file = createReadStream(path, { highWaterMark: READ_SIZE })
  const options = { chunkSize: CHUNK_SIZE, readableHighWaterMark: 1 }
  const gunzip = createGunzip(options)
  progress.read = 0
  feed(split(file, intact, pieceSize), gunzip, progress).catch(error => gunzip.destroy(error))
  /** @type {Buffer<ArrayBuffer> | undefined} */
  let chunk
  try {
    for await (const slice of gunzip) {
      const adjacent =
        chunk !== undefined && chunk.buffer === slice.buffer && chunk.byteOffset + chunk.length === slice.byteOffset
      if (chunk && !adjacent) yield chunk
      chunk = chunk && adjacent ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length + slice.length) : slice
    }
    if (chunk) yield chunk
  } catch (error) {
    if (chunk) yield chunk
    throw error
  } finally {
    file.destroy()
    gunzip.destroy()
  }
}

/**
 * Yields the chunks, except for the first `count` bytes of the stream.
 *
 * @param {number} count
 * @param {AsyncIterable<Buffer<ArrayBuffer>>} chunks
 */
async function* dropFirst(count, chunks) {
  let position = 0
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.max(0, count - position))
    position += chunk.length
    if (rest.length > 0) yield rest
  }
}

/**
 * Writes the pieces to zlib one by one, and ends the stream only after the last write has completed, because
 * zlib would otherwise lose the last output from a truncated file.
 *
 * @param {AsyncIterable<Buffer>} pieces
 * @param {import('node:zlib').Gunzip} gunzip
 * @param {{ read: number }} progress
 */
async function feed(pieces, gunzip, progress) {
  for await (const piece of pieces) {
    await new Promise((resolve, reject) => gunzip.write(piece, error => (error ? reject(error) : resolve(undefined))))
    progress.read += piece.length
  }
  gunzip.end()
}

/**
 * Yields the first `intact` bytes in their original chunks, and the rest in pieces of up to `pieceSize` bytes.
 *
 * @param {AsyncIterable<Buffer>} chunks
 * @param {number} intact
 * @param {number} pieceSize
 */
async function* split(chunks, intact, pieceSize) {
  let position = 0
  for await (const chunk of chunks) {
    const whole = Math.min(chunk.length, Math.max(0, intact - position))
    if (whole > 0) yield chunk.subarray(0, whole)
    for (let i = whole; i < chunk.length; i += pieceSize) yield chunk.subarray(i, i + pieceSize)
    position += chunk.length
  }
}
