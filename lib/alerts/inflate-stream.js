// @ts-check
// This file is plain JavaScript, because inflate-thread.js imports it through inflate.js.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Bytes per read and per inflated chunk. In a stream, each costs a thread pool round trip of about 100 us. */
export const READ_SIZE = 1 << 20
export const CHUNK_SIZE = 2 << 20

/**
 * Options of one pass over a file.
 *
 * @typedef {object} Pass
 * @property {number} intact number of compressed bytes known to be intact, which are inflated in pieces of READ_SIZE
 * @property {number} pieceSize size in bytes of the pieces that the rest is inflated in
 * @property {Buffer<ArrayBuffer>[]} recycled buffers of CHUNK_SIZE that the caller no longer needs
 */

/**
 * Inflates a file with the public stream API, for versions of Node without the internals that inflate-direct.js needs.
 * Yields the output of all pieces before the damaged one, then throws.
 *
 * Joins adjacent slices of zlib's output buffers, so that each buffer is yielded whole. The readable highWaterMark is
 * 1, because a stream that buffers two slices copies them into one, and loses the last slice on an error.
 *
 * @param {string} path
 * @param {Pass} pass
 * @param {{ read: number }} progress `read` is set to the size of all pieces inflated so far
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
export async function* inflateWithStream(path, { intact, pieceSize, recycled }, progress) {
  const file = createReadStream(path, { highWaterMark: READ_SIZE })
  // Node's types lack readableHighWaterMark.
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
      // The stream allocates its own buffers: leave used ones to the garbage collector.
      recycled.length = 0
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
export async function* split(chunks, intact, pieceSize) {
  let position = 0
  for await (const chunk of chunks) {
    const whole = Math.min(chunk.length, Math.max(0, intact - position))
    if (whole > 0) yield chunk.subarray(0, whole)
    for (let i = whole; i < chunk.length; i += pieceSize) yield chunk.subarray(i, i + pieceSize)
    position += chunk.length
  }
}
