// @ts-check
// JavaScript, because under the tests, where nothing is built, a thread of Node 20 takes no TypeScript.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Bytes read and bytes inflated at a time: each time costs a turn through Node's thread pool, some 100 us. */
const READ = 1 << 20
const CHUNK = 2 << 20
/**
 * Damage costs all that zlib makes of the bytes handed to it together: so those are handed to it once more, in smaller
 * pieces, and the one of these that fails byte by byte.
 */
const PIECES = [READ, 1 << 10, 1]

/**
 * Inflates a gzip'd file, of one member or several. A stream that is cut or damaged gives every byte first that the
 * bytes before the cut, or before the byte that zlib refuses, inflate to; then it throws.
 *
 * @param {string} path
 * @param {{ read: number }} gauge is told how many bytes of the file were inflated
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>} chunks, each of a buffer of its own that is the receiver's to release
 */
export async function* inflate(path, gauge) {
  let [given, sound] = [0, 0]
  for (const piece of PIECES)
    try {
      for await (const chunk of after(given, inflateBy(path, { sound, piece }, gauge))) {
        given += chunk.length
        yield chunk
      }
      return
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'Z_DATA_ERROR' || piece === 1) throw error
      sound = gauge.read
    }
}

/**
 * zlib hands out a buffer part by part; here it is given whole, once zlib has gone on to another.
 *
 * Each part must come by itself: a stream that may hold two of them joins them into a copy, and at a cut may be gone
 * before the last is read. So it may hold none, and zlib waits until a part is taken.
 *
 * @param {string} path
 * @param {{ sound: number, piece: number }} how many bytes are known to be sound, and how many of others go together
 * @param {{ read: number }} gauge
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
async function* inflateBy(path, { sound, piece }, gauge) {
  const file = createReadStream(path, { highWaterMark: READ })
  const options = { chunkSize: CHUNK, readableHighWaterMark: 1 }
  const inflated = createGunzip(options)
  gauge.read = 0
  feed(pieces(file, sound, piece), inflated, gauge).catch(error => inflated.destroy(error))
  /** @type {Buffer<ArrayBuffer> | undefined} */
  let chunk
  try {
    for await (const part of inflated) {
      const goesOn =
        chunk !== undefined && chunk.buffer === part.buffer && chunk.byteOffset + chunk.length === part.byteOffset
      if (chunk && !goesOn) yield chunk
      chunk = chunk && goesOn ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length + part.length) : part
    }
    if (chunk) yield chunk
  } catch (error) {
    if (chunk) yield chunk
    throw error
  } finally {
    file.destroy()
    inflated.destroy()
  }
}

/**
 * What comes after the first `skip` bytes.
 *
 * @param {number} skip
 * @param {AsyncIterable<Buffer<ArrayBuffer>>} chunks
 */
async function* after(skip, chunks) {
  let at = 0
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.max(0, skip - at))
    at += chunk.length
    if (rest.length > 0) yield rest
  }
}

/**
 * Ends the stream only after its last write is done: otherwise zlib drops what it inflated just before a cut.
 *
 * @param {AsyncIterable<Buffer>} file
 * @param {import('node:zlib').Gunzip} inflated
 * @param {{ read: number }} gauge
 */
async function feed(file, inflated, gauge) {
  for await (const chunk of file) {
    await new Promise((resolve, reject) => inflated.write(chunk, error => (error ? reject(error) : resolve(undefined))))
    gauge.read += chunk.length
  }
  inflated.end()
}

/**
 * What was read, whole as far as it is known to be sound, then in pieces.
 *
 * @param {AsyncIterable<Buffer>} file
 * @param {number} sound
 * @param {number} piece
 */
async function* pieces(file, sound, piece) {
  let at = 0
  for await (const chunk of file) {
    const whole = Math.min(chunk.length, Math.max(0, sound - at))
    if (whole > 0) yield chunk.subarray(0, whole)
    for (let i = whole; i < chunk.length; i += piece) yield chunk.subarray(i, i + piece)
    at += chunk.length
  }
}
