import { LIMITS } from '../limits.ts'
import { Damage } from './damage.ts'
import { type Header, parseHeader, SYNC, varint } from './header.ts'

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
   * @throws Damage where it is not a whole file of one record.
   */
  open(bytes: Buffer, start: number, end: number): Packet<S> {
    const known = this.recognise(bytes, start, end)
    const header = known ? undefined : parseHeader(bytes.subarray(start, end))
    const sync = start + (known ? known.header.length : (header as Header).length - SYNC)
    const count = varint(bytes, sync + SYNC, end)
    if (count.value !== 1) throw new Damage(`it holds ${count.value} records in its first block, expected 1`)
    const size = varint(bytes, count.end, end)
    const body = { start: size.end, end: size.end + size.value }
    if (size.value < 0 || body.end + SYNC !== end)
      throw new Damage(`it is ${end - start} bytes long, expected ${body.end + SYNC - start}`)
    if (bytes.compare(bytes, sync, sync + SYNC, body.end, end) !== 0)
      throw new Damage('its block does not end with the sync marker of its header')
    // Only now: what is cut or spoilt is to leave no column in its night.
    const { schema } = known ?? this.learn(bytes.subarray(start, sync), (header as Header).schema)
    return { schema, ...body }
  }

  private recognise(bytes: Buffer, start: number, end: number): Known<S> | undefined {
    return this.known.find(
      ({ header }) =>
        start + header.length + SYNC < end &&
        bytes.compare(header, 0, header.length, start, start + header.length) === 0,
    )
  }

  private learn(header: Buffer, schema: string): Known<S> {
    // A copy: the packet's own bytes are soon written over.
    const known = { header: Buffer.from(header), schema: this.compile(schema) }
    this.known.push(known)
    if (this.known.length > LIMITS.schemas) this.known.shift()
    return known
  }
}
