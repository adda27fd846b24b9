import { LIMITS } from '../limits.ts'
import { AvroReader } from './avro-reader.ts'
import { CorruptPacketError } from './corrupt-packet.ts'

const MAGIC = Buffer.from('Obj\x01', 'latin1')
const SYNC_BYTES = 16

/** An opened alert packet, which is an Avro object container file with one block of one record. */
export interface Packet<S> {
  readonly schema: S
  /** The record is `bytes[start .. end)` in the buffer passed to `open`. */
  readonly start: number
  readonly end: number
}

/** A packet's bytes before its sync marker, and the schema's JSON text in them. */
interface Header {
  readonly bytes: Buffer
  readonly schemaText: string
}

/**
 * Opens packets, and parses each distinct header only once.
 *
 * A header takes up a third of its packet and, apart from its sync marker, is the same for a whole night. It is
 * recognized by its bytes rather than by its schema version, because version 3.3 has eight different schema texts.
 */
export class PacketReader<S> extends AvroReader {
  private readonly cache: (Header & { readonly schema: S })[] = []
  private readonly compile: (schemaText: string) => S

  /** @param compile compiles a schema's JSON text; the result is cached by header */
  constructor(compile: (schemaText: string) => S) {
    super()
    this.compile = compile
  }

  /**
   * Finds the record in the packet `bytes[start .. end)`.
   * @throws CorruptPacketError if the packet is not a complete Avro file with one record
   */
  open(bytes: Buffer, start: number, end: number): Packet<S> {
    this.seek(bytes, start, end)
    const cached = this.cache.find(({ bytes: header }) => {
      const headerEnd = start + header.length
      return headerEnd <= end && bytes.compare(header, 0, header.length, start, headerEnd) === 0
    })
    const header = cached ?? this.readHeader(bytes.subarray(start, end))
    const record = this.findRecord(bytes, start + header.bytes.length)
    // Compile a new schema only after checking the packet, because compiling adds columns to the night.
    return { schema: cached ? cached.schema : this.add(header), ...record }
  }

  /**
   * Reads the header of an Avro object container file (specification 1.11, "Object Container Files"). avsc's own parser
   * is not used, because it reads past the end of the data if a map's entry count is too high.
   */
  private readHeader(packet: Buffer): Header {
    if (!packet.subarray(0, MAGIC.length).equals(MAGIC))
      throw new CorruptPacketError('it does not begin as an Avro file does')
    const start = this.take(MAGIC.length)
    const metadata = new Map<string, string>()
    for (let count = this.readBlockCount(); count > 0; count = this.readBlockCount())
      for (; count > 0; count--) metadata.set(this.readString(), this.readString())
    const length = this.position - start
    if (length > LIMITS.headerBytes)
      throw new CorruptPacketError(`its header has ${length} bytes, more than any alert's`)
    const codec = metadata.get('avro.codec') || 'null'
    if (codec !== 'null') throw new CorruptPacketError(`its codec is ${codec}, expected null`)
    const schemaText = metadata.get('avro.schema')
    if (!schemaText) throw new CorruptPacketError('its header holds no schema')
    return { bytes: packet.subarray(0, length), schemaText }
  }

  private readString(): string {
    const length = this.readLength()
    const start = this.take(length)
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, length).toString()
  }

  /** Checks the block after the sync marker at `sync`, and returns the position of its record. */
  private findRecord(bytes: Buffer, sync: number): { start: number; end: number } {
    this.position = sync
    this.take(SYNC_BYTES)
    const records = this.readInt()
    if (records !== 1) throw new CorruptPacketError(`it holds ${records} records in its first block, expected 1`)
    const size = this.readLength()
    const start = this.take(size)
    const end = this.take(SYNC_BYTES)
    if (this.position !== this.end)
      throw new CorruptPacketError(`${this.end - this.position} bytes follow its first block`)
    if (bytes.compare(bytes, sync, sync + SYNC_BYTES, end, this.end) !== 0)
      throw new CorruptPacketError('its block does not end with the sync marker of its header')
    return { start, end }
  }

  /** Forgets all schemas, so that each is compiled again when it is next needed. */
  forgetSchemas(): void {
    this.cache.length = 0
  }

  private add({ bytes, schemaText }: Header): S {
    const schema = this.compile(schemaText)
    // Copy the header, because the packet's buffer is reused.
    this.cache.push({ bytes: Buffer.from(bytes), schemaText, schema })
    if (this.cache.length > LIMITS.cachedSchemas) this.cache.shift()
    return schema
  }
}
