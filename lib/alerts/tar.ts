import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/**
 * Tar members as they stream by: POSIX ustar with GNU and pax names, both of which the archive's two writers use.
 *
 * A member that lies whole in a chunk is handed on where it lies; one that spans chunks is put together in a buffer
 * that is used again. A damaged header is looked for again block by block, so that what follows it is not lost.
 */
export interface Member {
  readonly name: string
  readonly size: number
  /** The member lies at `bytes[start .. start + size)` until the next one is asked for. */
  readonly bytes: Buffer
  readonly start: number
  /** Too large to be an alert: passed over, and not in `bytes`. */
  readonly oversize: boolean
}

/** What is known of a tar once its last byte has been seen. */
export interface TarEnd {
  /** Regular files that were whole. */
  readonly members: number
  /** Whether the tar's own end, two blocks of zeros, was the last thing in it: without it, members may be missing. */
  readonly complete: boolean
  /** What the end of the bytes cuts, a member's name or `a header`; undefined where it cuts nothing. */
  readonly cut: string | undefined
  /** Bytes passed over in search of a header. */
  readonly damagedBytes: number
}

interface Header {
  readonly type: string
  readonly name: string
  readonly size: number
}

const BLOCK = 512
const REGULAR = new Set(['0', '\0', '7'])
/** Links, devices, folders and pipes: a size that they state is that of something else. */
const BODILESS = new Set(['1', '2', '3', '4', '5', '6'])
/** Name, and name and size, of the member that follows: GNU's way and pax's. */
const NAMING = new Set(['L', 'x'])
/** What says something of members and holds none: pax's global header, GNU's long link and volume's label. */
const SAYING = new Set(['g', 'K', 'V'])

export class TarReader {
  /** What a chunk's end has cut so far: `held` bytes of the `want` that the current header or body has. */
  private pending: Buffer = Buffer.allocUnsafe(1 << 17)
  private held = 0
  private want = BLOCK
  /** Bytes to pass over: padding, or the body of what is no regular file. */
  private skip = 0
  /** The header whose body comes next; undefined where a header comes next. */
  private body: Header | undefined
  /** Name and size for the next header, from a pax or GNU header before it. */
  private override: { name?: string; size?: number } = {}
  private zeroBlocks = 0
  private members = 0
  private damagedBytes = 0;

  /** Takes the next bytes of the tar, of any length, and gives the regular files that end in them. */
  *push(chunk: Buffer): Generator<Member> {
    let at = 0
    do {
      const skipped = Math.min(this.skip, chunk.length - at)
      this.skip -= skipped
      at += skipped
      if (this.skip > 0) return
      const { want } = this
      if (this.held === 0 && chunk.length - at >= want) {
        yield* this.consume(chunk, at)
        at += want
      } else {
        at += this.hold(chunk, at)
        if (this.held === want) {
          this.held = 0
          yield* this.consume(this.pending, 0)
        }
      }
    } while (at < chunk.length || (this.body && this.want === 0))
  }

  /** Says how the tar ended; nothing may be pushed after it. */
  end(): TarEnd {
    const whole = this.held === 0 && this.skip === 0 && !this.body
    const cut = this.body ? this.body.name : this.held > 0 ? 'a header' : undefined
    return { members: this.members, complete: whole && this.zeroBlocks > 1, cut, damagedBytes: this.damagedBytes }
  }

  /** Copies what the chunk has of the current unit; returns the number of bytes. */
  private hold(chunk: Buffer, at: number): number {
    if (this.pending.length < this.want) {
      const larger = Buffer.allocUnsafe(this.want)
      this.pending.copy(larger, 0, 0, this.held)
      this.pending = larger
    }
    const taken = chunk.copy(this.pending, this.held, at, Math.min(chunk.length, at + this.want - this.held))
    this.held += taken
    return taken
  }

  /** Consumes the header or body at `start`, whole; gives the member that it ends, if it does. */
  private consume(bytes: Buffer, start: number): Member[] {
    const { body } = this
    this.want = BLOCK
    this.body = undefined
    return body ? this.consumeBody(body, bytes, start) : this.consumeHeader(bytes, start)
  }

  private consumeHeader(bytes: Buffer, start: number): Member[] {
    const checksum = sumOf(bytes, start)
    if (checksum === SUM_OF_ZEROS) {
      this.zeroBlocks++
      return NONE
    }
    this.zeroBlocks = 0
    const header = { ...parseHeader(bytes, start), ...this.override }
    this.override = {}
    if (checksum !== octal(bytes, start + 148, 8) || !isSize(header.size)) {
      this.damagedBytes += BLOCK
      return NONE
    }
    return this.begin(header, bytes)
  }

  private begin(header: Header, bytes: Buffer): Member[] {
    const { type, name, size } = header
    if (size <= (NAMING.has(type) ? LIMITS.longName : REGULAR.has(type) ? LIMITS.member : -1)) {
      this.body = header
      this.want = size
      return NONE
    }
    this.skip = BODILESS.has(type) ? 0 : size + padding(size)
    if (REGULAR.has(type)) {
      this.members++
      return [{ name, size, bytes, start: 0, oversize: true }]
    }
    // GNU's sparse files, say: there may be an alert in it that nobody would miss.
    if (!BODILESS.has(type) && !SAYING.has(type)) this.damagedBytes += BLOCK + size
    return NONE
  }

  private consumeBody({ type, name, size }: Header, bytes: Buffer, start: number): Member[] {
    this.skip = padding(size)
    if (type === 'L') this.override.name = nameOf(text(bytes, start, start + size))
    else if (type === 'x') Object.assign(this.override, parsePax(bytes.toString('utf8', start, start + size)))
    else {
      this.members++
      return [{ name, size, bytes, start, oversize: false }]
    }
    return NONE
  }
}

const NONE: Member[] = []

function parseHeader(bytes: Buffer, start: number): Header {
  const name = text(bytes, start, start + 100)
  const type = String.fromCharCode(bytes[start + 156] as number)
  // GNU headers have times, not a prefix, in the bytes after 345.
  const posix = bytes[start + 262] === 0
  const prefix = posix ? text(bytes, start + 345, start + 500) : ''
  return { type, name: nameOf(prefix ? `${prefix}/${name}` : name), size: octal(bytes, start + 124, 12) }
}

function parsePax(records: string): { name?: string; size?: number } {
  const path = /(?:^|\n)\d+ path=(.*)\n/.exec(records)?.[1]
  const size = /(?:^|\n)\d+ size=(\d+)\n/.exec(records)?.[1]
  return { ...(path && { name: nameOf(path) }), ...(size && { size: Number(size) }) }
}

/** A name is only ever told, never made a file's: it becomes one that can be. */
function nameOf(name: string): string {
  return clipped(name, LIMITS.memberName)
}

/** Whether it is a size that a file can have: what is negative or without end would have the reader go in circles. */
function isSize(size: number): boolean {
  return size >= 0 && Number.isSafeInteger(size + BLOCK)
}

/** The bytes of a header added up, its own checksum field counted as spaces. */
function sumOf(bytes: Buffer, start: number): number {
  let sum = SUM_OF_ZEROS
  for (let i = start; i < start + BLOCK; i++) sum += bytes[i] as number
  for (let i = start + 148; i < start + 156; i++) sum -= bytes[i] as number
  return sum
}

const SUM_OF_ZEROS = 8 * 32

/**
 * A number field: octal digits, or, for sizes from 8 GiB on, big-endian bytes after a leading bit; NaN where neither.
 */
function octal(bytes: Buffer, start: number, length: number): number {
  if ((bytes[start] as number) & 128) return base256(bytes.subarray(start, start + length))
  const digits = text(bytes, start, start + length).trim()
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN
}

function base256(field: Buffer): number {
  const high = field.subarray(1, -6)
  return field[0] === 128 && high.every(byte => byte === 0) ? field.readUIntBE(field.length - 6, 6) : Number.NaN
}

function text(bytes: Buffer, start: number, end: number): string {
  const zero = bytes.indexOf(0, start)
  return bytes.toString('utf8', start, zero >= 0 && zero < end ? zero : end)
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
