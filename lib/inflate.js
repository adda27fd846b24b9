// @ts-check
// JavaScript, because a thread of Node 20 takes no TypeScript.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Small enough to stay in a core's cache until it is used. */
const CHUNK = 1 << 18

/**
 * Inflates a gzip'd file, of one member or several. A stream that is cut gives every byte before the cut first, then
 * throws; one that is damaged may lose the last 256 KiB before the damage.
 *
 * @param {string} path
 * @returns {AsyncGenerator<Buffer>}
 */
export async function* inflate(path) {
  const file = createReadStream(path, { highWaterMark: CHUNK })
  const inflated = createGunzip({ chunkSize: CHUNK })
  feed(file, inflated).catch(error => inflated.destroy(error))
  try {
    yield* inflated
  } finally {
    file.destroy()
    inflated.destroy()
  }
}

/**
 * Ends the stream only after its last write is done: otherwise zlib drops what it inflated just before a cut.
 *
 * @param {AsyncIterable<Buffer>} file
 * @param {import('node:zlib').Gunzip} inflated
 */
async function feed(file, inflated) {
  for await (const chunk of file) await new Promise(resolve => inflated.write(chunk, resolve))
  inflated.end()
}
