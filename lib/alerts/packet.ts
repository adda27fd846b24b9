import { LIMITS } from '../limits.ts'
import { CorruptPacketError } from './damage.ts'

/** One alert packet: an Avro object container file with a single block of a single record. */
export interface Packet<S> {
  readonly schema: S
  /** The record is `bytes[start .. end)` of the buffer that was opened. */
  readonly start: number
  readonly end: number
}

interface CachedHeader<S> {
  readonly header: Buffer
  readonly schema: S
}

/**
 * Opens packets, and parses each distinct header only once.
 *
 * A header is a third of its packet and, except for its sync marker, the same for a whole night. It is recognised by
 * its bytes rather than by the version that it states: version 3.3 exists as eight different texts.
 */
export class PacketReader<S> {
  private readonly cache: CachedHeader<S>[] = []
  private readonly compile: (schema: string) => S

  /** @param compile turns the text of a schema into whatever the caller decodes with; called once per new header */
  constructor(compile: (schema: string) => S) {
    this.compile = compile
  }

  /**
   * Finds the record in the packet `bytes[start .. end)`.
   * @throws CorruptPacketError if the packet is not a complete file of one record
   */
  open(bytes: Buffer, start: number, end: number): Packet<S> {
    const cached = this.find(bytes, start, end)
    const header = cached ? undefined : parsePacketHeader(bytes.subarray(start, end))
    const sync = start + (cached ? cached.header.length : (header as PacketHeader).length - SYNC_BYTES)
    const record = findRecord(bytes, start, sync, end)
    // A new schema is compiled only if the packet is intact, because that adds columns to the night.
    const { schema } = cached ?? this.add(bytes.subarray(start, sync), (header as PacketHeader).schema)
    return { schema, ...record }
  }

  private find(bytes: Buffer, start: number, end: number): CachedHeader<S> | undefined {
    return this.cache.find(
      ({ header }) =>
        start + header.length + SYNC_BYTES < end &&
        bytes.compare(header, 0, header.length, start, start + header.length) === 0,
    )
  }

  private add(header: Buffer, schema: string): CachedHeader<S> {
    // Copied, because the buffer of the packet is reused.
    const cached = { header: Buffer.from(header), schema: this.compile(schema) }
    this.cache.push(cached)
    if (this.cache.length > LIMITS.cachedSchemas) this.cache.shift()
    return cached
  }
}

/** Checks the block after the sync marker at `sync`, and returns where its record is. */
function findRecord(bytes: Buffer, start: number, sync: number, end: number): { start: number; end: number } {
  const count = readVarint(bytes, sync + SYNC_BYTES, end)
  if (count.value !== 1) throw new CorruptPacketError(`it holds ${count.value} records in its first block, expected 1`)
  const size = readVarint(bytes, count.end, end)
  const record = { start: size.end, end: size.end + size.value }
  if (size.value < 0 || record.end + SYNC_BYTES !== end)
    throw new CorruptPacketError(`it is ${end - start} bytes long, expected ${record.end + SYNC_BYTES - start}`)
  if (bytes.compare(bytes, sync, sync + SYNC_BYTES, record.end, end) !== 0)
    throw new CorruptPacketError('its block does not end with the sync marker of its header')
  return record
}

interface PacketHeader {
  /** JSON text of the writer's schema. */
  readonly schema: string
  /** Bytes up to and including the sync marker. */
  readonly length: number
}

const SYNC_BYTES = 16
const MAGIC = Buffer.from('Obj\x01', 'latin1')

/**
 * Parses the header of an Avro object container file (specification 1.11, "Object Container Files").
 *
 * avsc's own parser is not used: it keeps counting through a map that promises more entries than there are bytes.
 */
function parsePacketHeader(bytes: Buffer): PacketHeader {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new CorruptPacketError('it does not begin as an Avro file does')
  const header = bytes.subarray(0, LIMITS.headerBytes)
  const { entries, end } = parseMetadata(header)
  if (end + SYNC_BYTES > header.length) throw headerError(bytes)
  const codec = entries.get('avro.codec')?.toString() ?? 'null'
  if (codec !== 'null' && codec !== '') throw new CorruptPacketError(`its codec is ${codec}, expected null`)
  const schema = entries.get('avro.schema')
  if (!schema) throw new CorruptPacketError('its header holds no schema')
  return { schema: schema.toString(), length: end + SYNC_BYTES }
}

/** Parses the metadata map, which comes in blocks of entries and ends with an empty block. */
function parseMetadata(header: Buffer): { entries: Map<string, Buffer>; end: number } {
  const entries = new Map<string, Buffer>()
  let offset = MAGIC.length
  for (;;) {
    const block = readVarint(header, offset, header.length)
    offset = block.value < 0 ? readVarint(header, block.end, header.length).end : block.end
    if (block.value === 0) return { entries, end: offset }
    for (let left = Math.abs(block.value); left > 0; left--) {
      const key = readBytes(header, offset)
      const value = readBytes(header, key.end)
      entries.set(key.bytes.toString(), value.bytes)
      offset = value.end
    }
  }
}

function readBytes(header: Buffer, offset: number): { bytes: Buffer; end: number } {
  const length = readVarint(header, offset, header.length)
  const end = length.end + length.value
  if (length.value < 0 || end > header.length) throw headerError(header)
  return { bytes: header.subarray(length.end, end), end }
}

/** Reads a zigzag varint of at most 28 bits, which is more than any length in a packet. */
function readVarint(bytes: Buffer, start: number, end: number): { value: number; end: number } {
  let value = 0
  let offset = start
  for (let shift = 0; shift < 28 && offset < end; shift += 7) {
    const byte = bytes[offset++] as number
    value |= (byte & 127) << shift
    if (byte < 128) return { value: (value >>> 1) ^ -(value & 1), end: offset }
  }
  throw new CorruptPacketError("its block's counts are cut or larger than any alert")
}

function headerError(bytes: Buffer): CorruptPacketError {
  return new CorruptPacketError(
    bytes.length < LIMITS.headerBytes ? "the file's header is cut" : "the file's header is longer than any alert's",
  )
}
