// @ts-check
// This file is plain JavaScript, because inflate-thread.js imports it.
import { open } from 'node:fs/promises'
import { constants, createGunzip } from 'node:zlib'
import { CHUNK_SIZE, inflateWithStream, READ_SIZE, split } from './inflate-stream.js'

/** @typedef {import('./inflate-stream.js').Pass} Pass */

/**
 * Sizes in bytes of the pieces passed to zlib. A data error loses all output from the damaged piece, which is then
 * inflated again in smaller pieces, and finally byte by byte.
 */
const PIECE_SIZES = [READ_SIZE, 1 << 10, 1]

/** gzip file of two members, "zlib" and "sync", and a byte of padding. */
const SAMPLE = Buffer.from('H4sIAAAAAAAA/6vKyUwCADp9iHMEAAAAH4sIAAAAAAAA/yuuzEsGAHr1KywEAAAAAA==', 'base64')
const SAMPLE_TEXT = 'zlibsync'

const NOTHING = Buffer.alloc(0)

/**
 * Inflates a gzip file of one or more members. From a truncated or damaged file, yields all recoverable bytes before
 * the damage, then throws.
 *
 * @param {string} path
 * @param {{ read: number }} progress `read` is set to the number of compressed bytes inflated so far
 * @param {Buffer<ArrayBuffer>[]} recycled whole buffers of earlier chunks, to be filled again; the caller adds to it
 * @param {typeof inflateDirectly} inflateOnce
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

/**
 * Inflates a file in this thread, without a stream and its thread pool round trips. Yields the output of all pieces
 * before the damaged one, then throws.
 *
 * @param {string} path
 * @param {Pass} pass
 * @param {{ read: number }} progress `read` is set to the size of all pieces inflated so far
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
export async function* inflateDirectly(path, { intact, pieceSize, recycled }, progress) {
  progress.read = 0
  const file = await open(path)
  try {
    const zlib = new DirectGunzip(recycled)
    try {
      for await (const piece of split(readAhead(file), intact, pieceSize)) {
        yield* zlib.push(piece, constants.Z_NO_FLUSH)
        progress.read += piece.length
        if (zlib.ended) break
      }
      if (!zlib.ended) yield* zlib.push(NOTHING, constants.Z_FINISH)
      yield* zlib.rest()
    } catch (error) {
      yield* zlib.rest()
      throw error
    } finally {
      zlib.close()
    }
  } finally {
    await file.close()
  }
}

/**
 * Reads a file, one piece ahead. A piece is valid until the next one is requested.
 *
 * @param {import('node:fs/promises').FileHandle} file
 */
async function* readAhead(file) {
  let [buffer, spare] = [Buffer.allocUnsafeSlow(READ_SIZE), Buffer.allocUnsafeSlow(READ_SIZE)]
  let next = startRead(file, buffer)
  try {
    for (;;) {
      const { bytesRead } = await next
      if (bytesRead === 0) return
      next = startRead(file, spare)
      yield buffer.subarray(0, bytesRead)
      ;[buffer, spare] = [spare, buffer]
    }
  } finally {
    // The buffer and the file are in use until the read is done.
    await next.catch(() => {})
  }
}

/**
 * Starts to read the next piece into a buffer.
 *
 * @param {import('node:fs/promises').FileHandle} file
 * @param {Buffer<ArrayBuffer>} buffer
 */
function startRead(file, buffer) {
  const read = file.read(buffer, 0, buffer.length, null)
  // An error is thrown when the piece is requested. Until then it must not be an unhandled rejection.
  read.catch(() => {})
  return read
}

/**
 * zlib's inflate, called synchronously through the internals of Node's Gunzip, to fill whole output buffers.
 *
 * The public API has no such call: gunzipSync only inflates a complete file into memory.
 */
class DirectGunzip {
  /** True after a member that is followed by zero padding. Node ignores all that follows it. */
  ended = false
  /** @type {Buffer<ArrayBuffer> | undefined} the current output buffer */
  output
  filled = 0
  /** @type {Error | undefined} */
  error

  /**
   * @param {Buffer<ArrayBuffer>[]} recycled buffers to fill before new ones are allocated
   * @param {() => object} create creates Node's Gunzip
   */
  constructor(recycled, create = createGunzip) {
    this.recycled = recycled
    this.gunzip = /** @type {GunzipInternals} */ (create())
    // Replaces Node's own handler, which would destroy the stream and emit the error.
    this.gunzip._handle.onerror = (message, errno, code) => {
      this.error = Object.assign(new Error(message), { errno, code })
    }
  }

  /**
   * Inflates a piece of the file. Yields each output buffer when it is full.
   *
   * @param {Buffer} piece
   * @param {number} flush
   * @returns {Generator<Buffer<ArrayBuffer>>}
   */
  *push(piece, flush) {
    let position = 0
    for (;;) {
      this.output ??= this.recycled.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE)
      const [room, unread] = this.write(flush, piece.subarray(position), this.output.subarray(this.filled))
      position = piece.length - unread
      this.filled = this.output.length - room
      if (room > 0) {
        this.ended = unread > 0
        return
      }
      yield* this.rest()
    }
  }

  /**
   * Calls zlib once. If another member follows in the input, Node resets zlib and continues with it.
   *
   * @param {number} flush
   * @param {Buffer} input
   * @param {Buffer} output
   * @returns {[number, number]} numbers of unused output bytes and of unread input bytes
   */
  write(flush, input, output) {
    const { _handle, _writeState } = this.gunzip
    _handle.writeSync(flush, input, 0, input.length, output, 0, output.length)
    // An error leaves the state of the previous call, so the size of this call's output is unknown.
    if (this.error) throw this.error
    return [/** @type {number} */ (_writeState[0]), /** @type {number} */ (_writeState[1])]
  }

  /** Yields the output that has not been yielded yet, if any. */
  *rest() {
    if (this.output && this.filled > 0) yield this.output.subarray(0, this.filled)
    this.output = undefined
    this.filled = 0
  }

  close() {
    this.gunzip.close()
  }
}

/**
 * Returns true if Node's internals work as DirectGunzip expects. Tries them out, because they are undocumented.
 *
 * @param {() => object} create creates Node's Gunzip
 */
export function canInflateDirectly(create = createGunzip) {
  const output = Buffer.alloc(SAMPLE_TEXT.length + 4)
  try {
    const zlib = new DirectGunzip([], create)
    const [room, unread] = zlib.write(constants.Z_NO_FLUSH, SAMPLE, output)
    const works = room === 4 && unread === 1 && output.toString('latin1', 0, SAMPLE_TEXT.length) === SAMPLE_TEXT
    const reportsErrors = hasDataError(() => zlib.write(constants.Z_NO_FLUSH, Buffer.from('damage'), output))
    zlib.close()
    return works && reportsErrors
  } catch {
    return false
  }
}

/** @param {() => void} run */
function hasDataError(run) {
  try {
    run()
    return false
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'Z_DATA_ERROR'
  }
}

/**
 * The members of Node's Gunzip that DirectGunzip uses.
 *
 * @typedef {object} GunzipInternals
 * @property {ZlibHandle} _handle
 * @property {Uint32Array} _writeState numbers of unused output bytes and of unread input bytes
 * @property {() => void} close
 *
 * @typedef {object} ZlibHandle
 * @property {(message: string, errno: number, code: string) => void} onerror
 * @property {(flush: number, input: Buffer, inputStart: number, inputLength: number, output: Buffer,
 *   outputStart: number, outputLength: number) => void} writeSync
 */
