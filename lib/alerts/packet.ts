import { LIMITS } from '../limits.ts'
import { CorruptPacketError } from './damage.ts'

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
    if (count.value !== 1)
      throw new CorruptPacketError(`it holds ${count.value} records in its first block, expected 1`)
    const size = varint(bytes, count.end, end)
    const body = { start: size.end, end: size.end + size.value }
    if (size.value < 0 || body.end + SYNC !== end)
      throw new CorruptPacketError(`it is ${end - start} bytes long, expected ${body.end + SYNC - start}`)
    if (bytes.compare(bytes, sync, sync + SYNC, body.end, end) !== 0)
      throw new CorruptPacketError('its block does not end with the sync marker of its header')
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

export interface Header {
  /** The JSON text of the writer's schema. */
  readonly schema: string
  /** Bytes from the start of the file to the end of the sync marker. */
  readonly length: number
}

export const SYNC = 16
const MAGIC = Buffer.from('Obj\x01', 'latin1')

/**
 * Reads the header of an Avro object container file (specification 1.11, "Object Container Files").
 *
 * Not by avsc, which counts on through a map that promises more entries than there are bytes.
 *
 * @throws Damage where the bytes do not begin with one, or promise a codec that no alert has had.
 */
export function parseHeader(bytes: Buffer): Header {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new CorruptPacketError('it does not begin as an Avro file does')
  const head = bytes.subarray(0, LIMITS.header)
  const { meta, end } = metadata(head)
  if (end + SYNC > head.length) throw cut(bytes)
  const codec = meta.get('avro.codec')?.toString() ?? 'null'
  if (codec !== 'null' && codec !== '') throw new CorruptPacketError(`its codec is ${codec}, expected null`)
  const schema = meta.get('avro.schema')
  if (!schema) throw new CorruptPacketError('its header holds no schema')
  return { schema: schema.toString(), length: end + SYNC }
}

/** A zigzag varint of at most 28 bits: more than any length in a packet. */
export function varint(bytes: Buffer, at: number, end: number): { value: number; end: number } {
  let value = 0
  for (let shift = 0; shift < 28 && at < end; shift += 7) {
    const byte = bytes[at++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return { value: (value >>> 1) ^ -(value & 1), end: at }
  }
  throw new CorruptPacketError("its block's counts are cut or larger than any alert")
}

/** The map of the header, in blocks of entries, of which the last has none. */
function metadata(head: Buffer): { meta: Map<string, Buffer>; end: number } {
  const meta = new Map<string, Buffer>()
  let at = MAGIC.length
  for (;;) {
    const block = varint(head, at, head.length)
    at = block.value < 0 ? varint(head, block.end, head.length).end : block.end
    if (block.value === 0) return { meta, end: at }
    for (let left = Math.abs(block.value); left > 0; left--) {
      const key = field(head, at)
      const value = field(head, key.end)
      meta.set(key.bytes.toString(), value.bytes)
      at = value.end
    }
  }
}

function field(head: Buffer, at: number): { bytes: Buffer; end: number } {
  const length = varint(head, at, head.length)
  const end = length.end + length.value
  if (length.value < 0 || end > head.length) throw cut(head)
  return { bytes: head.subarray(length.end, end), end }
}

function cut(bytes: Buffer): CorruptPacketError {
  return new CorruptPacketError(
    bytes.length < LIMITS.header ? "the file's header is cut" : "the file's header is longer than any alert's",
  )
}
