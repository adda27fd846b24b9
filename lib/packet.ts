import { type Header, parseHeader } from './schema.ts'

/** One alert as the archive keeps it: an Avro object container file of one block of one record. */
export interface Packet<S> {
  readonly schema: S
  /** The record is `bytes[start .. end)` of what was opened. */
  readonly start: number
  readonly end: number
}

interface Known<S> {
  readonly header: Buffer
  readonly schema: S
}

const SYNC = 16
const LONGEST_REASON = 120

/**
 * Opens packets, knowing a header again by its bytes.
 *
 * A header is a third of its packet and the same for a whole night but for its sync marker, so it is parsed once. The
 * version that it states is no key to it: version 3.3 exists as eight different texts.
 */
export class Packets<S> {
  private readonly known: Known<S>[] = []
  private readonly compile: (schema: string) => S

  /** @param compile makes of a schema's text whatever the caller decodes by; called once for each new header */
  constructor(compile: (schema: string) => S) {
    this.compile = compile
  }

  /**
   * Finds the record in the packet `bytes[start .. end)`.
   * @throws Error in one sentence where it is not a whole file of one record.
   */
  open(bytes: Buffer, start: number, end: number): Packet<S> {
    const { header, schema } = this.recognise(bytes, start, end) ?? this.learn(bytes.subarray(start, end))
    const sync = start + header.length
    const count = varint(bytes, sync + SYNC, end)
    if (count.value !== 1) throw new Error(`it holds ${count.value} records in its first block, expected 1`)
    const size = varint(bytes, count.end, end)
    const body = { schema, start: size.end, end: size.end + size.value }
    if (size.value < 0 || body.end + SYNC !== end)
      throw new Error(`it is ${end - start} bytes long, expected ${body.end + SYNC - start}`)
    if (bytes.compare(bytes, sync, sync + SYNC, body.end, end) !== 0)
      throw new Error('its block does not end with the sync marker of its header')
    return body
  }

  private recognise(bytes: Buffer, start: number, end: number): Known<S> | undefined {
    return this.known.find(
      ({ header }) =>
        start + header.length + SYNC < end &&
        bytes.compare(header, 0, header.length, start, start + header.length) === 0,
    )
  }

  private learn(packet: Buffer): Known<S> {
    const { schema, length }: Header = parseHeader(packet)
    // A copy: the packet's own bytes are soon written over.
    const known = { header: Buffer.from(packet.subarray(0, length - SYNC)), schema: this.compiled(schema) }
    this.known.push(known)
    return known
  }

  private compiled(schema: string): S {
    try {
      return this.compile(schema)
    } catch (error) {
      // avsc's reasons may quote the whole text.
      const reason = (error as Error).message.replace(/\s+/g, ' ').slice(0, LONGEST_REASON)
      throw new Error(`its schema cannot be read (${reason})`, { cause: error })
    }
  }
}

function varint(bytes: Buffer, at: number, end: number): { value: number; end: number } {
  let value = 0
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return { value: (value >>> 1) ^ -(value & 1), end: at }
  }
  throw new Error("its block's counts are cut or larger than any alert")
}
