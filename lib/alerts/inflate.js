// @ts-check
// JavaScript, because under the tests, where nothing is built, a thread of Node 20 takes no TypeScript.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Bytes read and bytes inflated at a time: each time costs a turn through Node's thread pool, some 100 us. */
const READ = 1 << 20
const CHUNK = 2 << 20
/** Damage costs the chunk that it is in, so what is before it is inflated once more, in small ones. */
const FINE_CHUNK = 16 << 10

/**
 * Inflates a gzip'd file, of one member or several. A stream that is cut gives every byte before the cut first, then
 * throws; one that is damaged all but the last 16 KiB before the damage.
 *
 * @param {string} path
 * @param {{ read: number }} gauge is told how many bytes of the file were inflated
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>} chunks, each of a buffer of its own that is the receiver's to release
 */
export async function* inflate(path, gauge) {
  let given = 0
  try {
    for await (const chunk of inflateBy(path, CHUNK, gauge)) {
      given += chunk.length
      yield chunk
    }
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'Z_DATA_ERROR') throw error
    yield* after(given, inflateBy(path, FINE_CHUNK, gauge))
  }
}

/**
 * zlib hands out a buffer part by part; here it is given whole, once zlib has gone on to another.
 *
 * Each part must come by itself: a stream that may hold two of them joins them into a copy, and at a cut may be gone
 * before the last is read. So it may hold none, and zlib waits until a part is taken.
 *
 * @param {string} path
 * @param {number} chunkSize
 * @param {{ read: number }} gauge
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
async function* inflateBy(path, chunkSize, gauge) {
  const file = createReadStream(path, { highWaterMark: READ })
  const options = { chunkSize, readableHighWaterMark: 1 }
  const inflated = createGunzip(options)
  gauge.read = 0
  feed(file, inflated, gauge).catch(error => inflated.destroy(error))
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
    await new Promise(resolve => inflated.write(chunk, resolve))
    gauge.read += chunk.length
  }
  inflated.end()
}
