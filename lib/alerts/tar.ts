import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/** A regular file of the tar. */
export interface Member {
  readonly name: string
  readonly size: number
  /** The content is `bytes[start .. start + size)`, valid until the next member is requested. */
  readonly bytes: Buffer
  readonly start: number
  /** Larger than any alert: it was skipped, and `bytes` does not contain it. */
  readonly oversize: boolean
}

/** State of a tar after its last byte. */
export interface TarEnd {
  /** Number of regular files read. */
  readonly members: number
  /** Whether the tar ends with its end marker, two zero blocks. If not, members may be missing. */
  readonly complete: boolean
  /** Name of the member that the end of the file cuts, or `a header`; undefined if nothing is cut. */
  readonly cut: string | undefined
  /** Bytes skipped while searching for a valid header. */
  readonly damagedBytes: number
}

interface TarHeader {
  readonly type: string
  readonly name: string
  readonly size: number
}

const BLOCK = 512
const REGULAR = new Set(['0', '\0', '7'])
/** Links, devices, folders and pipes: they have no content, even if their header states a size. */
const BODILESS = new Set(['1', '2', '3', '4', '5', '6'])
/** Entries that state the name (GNU), or name and size (pax), of the next member. */
const NAMING = new Set(['L', 'x'])
/** Metadata entries without file content: pax global header, GNU long link, volume label. */
const METADATA = new Set(['g', 'K', 'V'])

/**
 * Streaming reader for POSIX ustar with GNU and pax names: the archive has tars of two writers.
 *
 * A member that lies within one chunk is returned in place; one that spans chunks is assembled in a reused buffer.
 * After a damaged header the reader searches block by block for the next valid one, so that later members survive.
 */
export class TarReader {
  /** Assembles a header or body that spans chunks: the first `held` of its `want` bytes. */
  private pending: Buffer = Buffer.allocUnsafe(1 << 17)
  private held = 0
  private want = BLOCK
  /** Bytes to skip: padding, or the content of an entry that is not a regular file. */
  private skip = 0
  /** Header of the body that comes next; undefined if a header comes next. */
  private body: TarHeader | undefined
  /** Name and size of the next member, from a pax or GNU entry before it. */
  private override: { name?: string; size?: number } = {}
  private zeroBlocks = 0
  private members = 0
  private damagedBytes = 0;

  /** Reads the next chunk, of any length, and yields the regular files that end in it. */
  *push(chunk: Buffer): Generator<Member> {
    let offset = 0
    do {
      const skipped = Math.min(this.skip, chunk.length - offset)
      this.skip -= skipped
      offset += skipped
      if (this.skip > 0) return
      const { want } = this
      if (this.held === 0 && chunk.length - offset >= want) {
        yield* this.consume(chunk, offset)
        offset += want
      } else {
        offset += this.hold(chunk, offset)
        if (this.held === want) {
          this.held = 0
          yield* this.consume(this.pending, 0)
        }
      }
    } while (offset < chunk.length || (this.body && this.want === 0))
  }

  /** Call after the last chunk. */
  end(): TarEnd {
    const whole = this.held === 0 && this.skip === 0 && !this.body
    const cut = this.body ? this.body.name : this.held > 0 ? 'a header' : undefined
    return { members: this.members, complete: whole && this.zeroBlocks > 1, cut, damagedBytes: this.damagedBytes }
  }

  /** Copies the chunk's part of the current header or body; returns the number of bytes copied. */
  private hold(chunk: Buffer, offset: number): number {
    if (this.pending.length < this.want) {
      const larger = Buffer.allocUnsafe(this.want)
      this.pending.copy(larger, 0, 0, this.held)
      this.pending = larger
    }
    const copied = chunk.copy(this.pending, this.held, offset, Math.min(chunk.length, offset + this.want - this.held))
    this.held += copied
    return copied
  }

  /** Handles the complete header or body at `start`; returns a member if one ends there. */
  private consume(bytes: Buffer, start: number): Member[] {
    const { body } = this
    this.want = BLOCK
    this.body = undefined
    return body ? this.consumeBody(body, bytes, start) : this.consumeHeader(bytes, start)
  }

  private consumeHeader(bytes: Buffer, start: number): Member[] {
    const checksum = checksumOf(bytes, start)
    if (checksum === SUM_OF_ZEROS) {
      this.zeroBlocks++
      return NONE
    }
    this.zeroBlocks = 0
    const header = { ...parseTarHeader(bytes, start), ...this.override }
    this.override = {}
    if (checksum !== numberField(bytes, start + 148, 8) || !isValidSize(header.size)) {
      this.damagedBytes += BLOCK
      return NONE
    }
    return this.begin(header, bytes)
  }

  private begin(header: TarHeader, bytes: Buffer): Member[] {
    const { type, name, size } = header
    if (size <= (NAMING.has(type) ? LIMITS.longNameBytes : REGULAR.has(type) ? LIMITS.memberBytes : -1)) {
      this.body = header
      this.want = size
      return NONE
    }
    this.skip = BODILESS.has(type) ? 0 : size + padding(size)
    if (REGULAR.has(type)) {
      this.members++
      return [{ name, size, bytes, start: 0, oversize: true }]
    }
    // Unknown types, such as GNU sparse files, may contain an alert: count them as damage.
    if (!BODILESS.has(type) && !METADATA.has(type)) this.damagedBytes += BLOCK + size
    return NONE
  }

  private consumeBody({ type, name, size }: TarHeader, bytes: Buffer, start: number): Member[] {
    this.skip = padding(size)
    if (type === 'L') this.override.name = displayName(text(bytes, start, start + size))
    else if (type === 'x') Object.assign(this.override, parsePax(bytes.toString('utf8', start, start + size)))
    else {
      this.members++
      return [{ name, size, bytes, start, oversize: false }]
    }
    return NONE
  }
}

const NONE: Member[] = []

function parseTarHeader(bytes: Buffer, start: number): TarHeader {
  const name = text(bytes, start, start + 100)
  const type = String.fromCharCode(bytes[start + 156] as number)
  // GNU headers store times where POSIX has the prefix.
  const posix = bytes[start + 262] === 0
  const prefix = posix ? text(bytes, start + 345, start + 500) : ''
  return { type, name: displayName(prefix ? `${prefix}/${name}` : name), size: numberField(bytes, start + 124, 12) }
}

function parsePax(records: string): { name?: string; size?: number } {
  const path = /(?:^|\n)\d+ path=(.*)\n/.exec(records)?.[1]
  const size = /(?:^|\n)\d+ size=(\d+)\n/.exec(records)?.[1]
  return { ...(path && { name: displayName(path) }), ...(size && { size: Number(size) }) }
}

/** Member names are untrusted text that ends up in messages: escaped and shortened here. */
function displayName(name: string): string {
  return clipped(name, LIMITS.memberNameLength)
}

/** A negative or infinite size would make the reader loop forever. */
function isValidSize(size: number): boolean {
  return size >= 0 && Number.isSafeInteger(size + BLOCK)
}

/** Sum of the header's bytes, with the checksum field counted as spaces. */
function checksumOf(bytes: Buffer, start: number): number {
  let sum = SUM_OF_ZEROS
  for (let i = start; i < start + BLOCK; i++) sum += bytes[i] as number
  for (let i = start + 148; i < start + 156; i++) sum -= bytes[i] as number
  return sum
}

const SUM_OF_ZEROS = 8 * 32

/** A number field: octal digits, or base 256 for sizes from 8 GiB. NaN if it is neither. */
function numberField(bytes: Buffer, start: number, length: number): number {
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
