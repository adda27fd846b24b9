// @ts-check
// This file is plain JavaScript, because inflate-thread.js imports it through inflate.js.
import { open } from 'node:fs/promises'
import { constants, createGunzip } from 'node:zlib'
import { CHUNK_SIZE, READ_SIZE, skipZeros, split } from './inflate-stream.js'

/** @typedef {import('./inflate-stream.js').Pass} Pass */

/** gzip file of two members, "zlib" and "sync", and a byte of padding. */
const SAMPLE = Buffer.from('H4sIAAAAAAAA/6vKyUwCADp9iHMEAAAAH4sIAAAAAAAA/yuuzEsGAHr1KywEAAAAAA==', 'base64')
const SAMPLE_TEXT = 'zlibsync'

const NOTHING = Buffer.alloc(0)

/**
 * Inflates a file in this thread, without a stream and its thread pool round trips. Yields the output of all pieces
 * before the damaged one, then throws.
 *
 * @param {string} path
 * @param {Pass} pass
 * @param {{ read: number }} progress `read` is set to the size of all pieces inflated so far
 * @returns {AsyncGenerator<Buffer<ArrayBuffer>>}
 */
export async function* inflateDirectly(path, pass, progress) {
  const file = await open(path)
  try {
    const zlib = new DirectGunzip(pass.recycled)
    try {
      for await (const piece of split(readAhead(file), pass, progress)) yield* zlib.push(piece, constants.Z_NO_FLUSH)
      yield* zlib.push(NOTHING, constants.Z_FINISH)
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
   * Inflates a piece of the file. Yields each output buffer when it is full, and before zero padding.
   *
   * Node reads no further than the zeros after a member. If other bytes follow them, the next call inflates these as
   * another member.
   *
   * @param {Buffer} piece
   * @param {number} flush
   * @returns {Generator<Buffer<ArrayBuffer>>}
   */
  *push(piece, flush) {
    let rest = piece
    for (;;) {
      this.output ??= this.recycled.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE)
      const [room, unread] = this.write(flush, rest, this.output.subarray(this.filled))
      this.filled = this.output.length - room
      rest = rest.subarray(rest.length - unread)
      if (room > 0 && unread === 0) return
      yield* this.rest()
      if (room > 0) {
        rest = skipZeros(rest)
        if (rest.length === 0) return
      }
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
    if (this.output === undefined || this.filled === 0) return
    const output = this.output.subarray(0, this.filled)
    this.output = undefined
    this.filled = 0
    yield output
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
    const inflatesSample = () => {
      const [room, unread] = zlib.write(constants.Z_NO_FLUSH, SAMPLE, output.fill(0))
      return room === 4 && unread === 1 && output.toString('latin1', 0, SAMPLE_TEXT.length) === SAMPLE_TEXT
    }
    // The second time, the sample is a member that follows padding.
    const works = inflatesSample() && inflatesSample()
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
