import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/** A regular file in the tar. */
export interface Member {
  readonly name: string
  readonly size: number
  /** The content is `bytes[start .. start + size)`, valid until the next member is requested. */
  readonly bytes: Buffer
  readonly start: number
  /** True if the member is larger than `LIMITS.memberBytes`. It is then skipped, and its content is not in `bytes`. */
  readonly oversize: boolean
}

/** Summary of a tar that has been read to its end. */
export interface TarEnd {
  readonly members: number
  /** True if the tar ends with its end marker (two zero blocks). Otherwise, members may be missing. */
  readonly complete: boolean
  /** Name of the truncated last member, or `a header`; undefined if nothing or only an oversize member is truncated. */
  readonly cut: string | undefined
  /** Number of bytes in invalid headers and in entries of unsupported types. */
  readonly damagedBytes: number
}

interface TarHeader {
  readonly type: string
  readonly name: string
  readonly size: number
}

const BLOCK = 512
const REGULAR = '07\0'
/** Types of links, devices, folders and pipes, which have no content even if the size in their header is not 0. */
const BODILESS = '123456'
/** Types of entries containing the next member's long name: GNU long name, pax header. */
const NAMING = 'Lx'
/** Types of metadata entries without file content: pax global header, GNU long link, volume label. */
const METADATA = 'gKV'

/**
 * Streaming reader for POSIX ustar. It supports GNU and pax long names, because the archive's tars come from two
 * writers.
 *
 * A member within one chunk is returned without copying; a member that spans chunks is copied into a reused buffer.
 * After a damaged header, the reader searches block by block for the next valid one, to find later members.
 */
export class TarReader {
  /** Buffer for a header or body that spans chunks; it contains the first `held` of `want` bytes. */
  private pending: Buffer = Buffer.allocUnsafe(1 << 17)
  private held = 0
  private want = BLOCK
  /** Number of bytes to skip as padding or as the content of a skipped entry. */
  private skip = 0
  /** Header of the entry whose body is expected next; undefined if a header is expected next. */
  private body: TarHeader | undefined
  /** Long name of the next member, from the pax or GNU entry that precedes it. */
  private longName: string | undefined
  private zeroBlocks = 0
  private members = 0
  private damagedBytes = 0;

  /** Reads the next chunk, of any length, and yields the regular files completed by it. */
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

  /** Returns the summary. Call after the last chunk. */
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

  /** Handles the complete header or body at `start`; returns the member, if any, that it completes. */
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
    const header = parseTarHeader(bytes, start)
    const name = this.longName ?? header.name
    this.longName = undefined
    if (checksum === octal(bytes, start + 148, 8) && header.size >= 0) return this.begin({ ...header, name }, bytes)
    this.damagedBytes += BLOCK
    return NONE
  }

  private begin(header: TarHeader, bytes: Buffer): Member[] {
    const { type, name, size } = header
    const isRegular = REGULAR.includes(type)
    if (size <= (isRegular ? LIMITS.memberBytes : NAMING.includes(type) ? LIMITS.longNameBytes : -1)) {
      this.body = header
      this.want = size
      return NONE
    }
    this.skip = BODILESS.includes(type) ? 0 : size + padding(size)
    if (isRegular) {
      this.members++
      return [{ name, size, bytes, start: 0, oversize: true }]
    }
    // Count other types, such as GNU sparse files, as damage, because they may contain an alert.
    if (!(BODILESS + METADATA).includes(type)) this.damagedBytes += BLOCK + size
    return NONE
  }

  private consumeBody({ type, name, size }: TarHeader, bytes: Buffer, start: number): Member[] {
    this.skip = padding(size)
    if (REGULAR.includes(type)) {
      this.members++
      return [{ name, size, bytes, start, oversize: false }]
    }
    const content = text(bytes, start, start + size)
    const path = type === 'L' ? content : /(?:^|\n)\d+ path=(.*)\n/.exec(content)?.[1]
    if (path) this.longName = displayName(path)
    return NONE
  }
}

const NONE: Member[] = []

function parseTarHeader(bytes: Buffer, start: number): TarHeader {
  const name = text(bytes, start, start + 100)
  const type = String.fromCharCode(bytes[start + 156] as number)
  // GNU headers store times where POSIX headers have the prefix.
  const posix = bytes[start + 262] === 0
  const prefix = posix ? text(bytes, start + 345, start + 500) : ''
  return { type, name: displayName(prefix ? `${prefix}/${name}` : name), size: octal(bytes, start + 124, 12) }
}

/** Escapes and shortens a member name, which is untrusted text that ends up in messages. */
function displayName(name: string): string {
  return clipped(name, LIMITS.memberNameLength)
}

/** Sum of the header's bytes, with the checksum field counted as spaces. */
function checksumOf(bytes: Buffer, start: number): number {
  let sum = SUM_OF_ZEROS
  for (let i = start; i < start + BLOCK; i++) sum += bytes[i] as number
  for (let i = start + 148; i < start + 156; i++) sum -= bytes[i] as number
  return sum
}

const SUM_OF_ZEROS = 8 * 32

/** Parses a number field; returns NaN if it is not octal. GNU tar writes sizes of 8 GiB or more in base 256. */
function octal(bytes: Buffer, start: number, length: number): number {
  const digits = text(bytes, start, start + length).trim()
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN
}

function text(bytes: Buffer, start: number, end: number): string {
  const zero = bytes.indexOf(0, start)
  return bytes.toString('utf8', start, zero >= 0 && zero < end ? zero : end)
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}
