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
 * @param {string} path
 * @param {Pass} pass
 * @param {{ read: number }} progress `read` is set to the size of all pieces inflated so far
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
export async function* inflateWithStream(path, pass, progress) {
  const file = createReadStream(path, { highWaterMark: READ_SIZE })
  const pieces = split(file, pass, progress)
  try {
    /** @type {Buffer | undefined} */
    let rest = Buffer.alloc(0)
    while (rest) rest = await skipPadding(yield* inflateMembers(rest, pieces, pass.recycled), pieces)
  } finally {
    file.destroy()
  }
}

/**
 * Inflates members up to the next zero padding. Returns the rest of the piece from there on, or undefined at the end of
 * the file. Node ends the stream at the padding, so each member that follows some needs a stream of its own.
 *
 * Joins adjacent slices of zlib's output buffers, so that each buffer is yielded whole. The readable highWaterMark is
 * 1, because a stream that buffers two slices copies them into one, and loses the last slice on an error.
 *
 * @param {Buffer} first bytes to inflate before the next piece
 * @param {AsyncIterator<Buffer, undefined>} pieces
 * @param {Buffer<ArrayBuffer>[]} recycled
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>, Buffer | undefined>}
 */
async function* inflateMembers(first, pieces, recycled) {
  // Node's types lack readableHighWaterMark.
  const options = { chunkSize: CHUNK_SIZE, readableHighWaterMark: 1 }
  const gunzip = createGunzip(options)
  const rest = feed(first, pieces, gunzip)
  rest.catch(error => gunzip.destroy(error))
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
    gunzip.destroy()
  }
  return rest
}

/**
 * Writes the pieces to zlib one by one, until it stops at zero padding; returns the rest of that piece. At the end of
 * the file, ends the stream only after the last write has completed, because zlib would otherwise lose the last output
 * from a truncated file.
 *
 * @param {Buffer} first
 * @param {AsyncIterator<Buffer, undefined>} pieces
 * @param {import('node:zlib').Gunzip} gunzip
 * @returns {Promise<Buffer | undefined>}
 */
async function feed(first, pieces, gunzip) {
  let written = 0
  for (let piece = /** @type {Buffer | undefined} */ (first); piece; piece = (await pieces.next()).value) {
    const input = piece
    await new Promise((resolve, reject) => gunzip.write(input, error => (error ? reject(error) : resolve(undefined))))
    written += piece.length
    const unread = written - gunzip.bytesWritten
    if (unread > 0) return piece.subarray(piece.length - unread)
  }
  gunzip.end()
  return undefined
}

/**
 * Skips the zeros in the rest of a piece and in the pieces that follow it. Returns what is left of the piece in which
 * they end, or undefined at the end of the file.
 *
 * @param {Buffer | undefined} rest
 * @param {AsyncIterator<Buffer, undefined>} pieces
 */
async function skipPadding(rest, pieces) {
  let left = rest && skipZeros(rest)
  while (left?.length === 0) {
    const { value } = await pieces.next()
    left = value && skipZeros(value)
  }
  return left
}

/**
 * Yields the first `intact` bytes in their original chunks, and the rest in pieces of up to `pieceSize` bytes. Adds the
 * size of each piece to `progress.read` when the next one is requested.
 *
 * @param {AsyncIterable<Buffer>} chunks
 * @param {Pick<Pass, 'intact' | 'pieceSize'>} pass
 * @param {{ read: number }} progress
 * @returns {AsyncGenerator<Buffer, undefined>}
 */
export async function* split(chunks, { intact, pieceSize }, progress) {
  progress.read = 0
  let position = 0
  for await (const chunk of chunks) {
    const whole = Math.min(chunk.length, Math.max(0, intact - position))
    if (whole > 0) {
      yield chunk.subarray(0, whole)
      progress.read += whole
    }
    for (let i = whole; i < chunk.length; i += pieceSize) {
      const piece = chunk.subarray(i, i + pieceSize)
      yield piece
      progress.read += piece.length
    }
    position += chunk.length
  }
}

/**
 * The bytes from the first one that is not zero.
 *
 * @param {Buffer} bytes
 */
export function skipZeros(bytes) {
  let start = 0
  while (start < bytes.length && bytes[start] === 0) start++
  return bytes.subarray(start)
}
