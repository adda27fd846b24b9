import { type AvroType, type RecordType, recordType } from './avro-type.ts'
import type { Random } from './random.ts'
import type { Style } from './schema.ts'

/** Encoding of arrays: one block, one block with its size in bytes (and a negative count), or one block per element. */
export type ArrayBlocks = 'plain' | 'sized' | 'split'

export interface PacketOptions {
  schema: string
  style: Style
  random: Random
  /** Codec named in the metadata. The data is never compressed. */
  codec?: string
  arrays?: ArrayBlocks
}

const GO_MARKER = Buffer.from('gogenavromagic10')
const MAGIC = Buffer.from('Obj\x01', 'latin1')
const types = new Map<string, RecordType>()

/** Encodes an alert as an Avro object container file with one block of one record. */
export function encodePacket(alert: object, options: PacketOptions): Buffer {
  const { schema, style, random } = options
  const encoder = new Encoder()
  encoder.raw(MAGIC)
  writeMetadata(encoder, schema, options)
  const marker = style === 'go' ? GO_MARKER : random.bytes(16)
  encoder.raw(marker)
  encoder.long(1n)
  encoder.bytes(encodeRecord(schema, alert, options.arrays))
  encoder.raw(marker)
  return encoder.done()
}

/**
 * Encodes the record only, in Avro's binary encoding.
 * @throws TypeError if the alert lacks a field or has a value of the wrong type
 */
export function encodeRecord(schema: string, alert: object, arrays: ArrayBlocks = 'plain'): Buffer {
  const type = types.get(schema) ?? recordType(schema)
  types.set(schema, type)
  const encoder = new Encoder(arrays)
  write(encoder, type, alert)
  return encoder.done()
}

function writeMetadata(encoder: Encoder, schema: string, { style, random, codec = 'null' }: PacketOptions): void {
  const entries = [
    ['avro.codec', codec],
    ['avro.schema', schema],
  ] as const
  const order = style === 'go' && random.chance(0.5) ? entries.toReversed() : entries
  encoder.long(BigInt(order.length))
  for (const text of order.flat()) encoder.bytes(Buffer.from(text))
  encoder.long(0n)
}

function write(encoder: Encoder, type: AvroType, value: unknown): void {
  if (!fits(type, value)) throw new TypeError(`not of type ${type.kind}: ${String(value)}`)
  if (type.kind === 'boolean') encoder.raw(Buffer.from([value ? 1 : 0]))
  else if (type.kind === 'int') encoder.long(BigInt(value as number))
  else if (type.kind === 'long') encoder.long(value as bigint)
  else if (type.kind === 'float') encoder.float(value as number)
  else if (type.kind === 'double') encoder.double(value as number)
  else if (type.kind === 'string') encoder.bytes(Buffer.from(value as string))
  else if (type.kind === 'bytes') encoder.bytes(value as Uint8Array)
  else if (type.kind === 'fixed') encoder.raw(value as Uint8Array)
  else if (type.kind === 'enum') encoder.long(BigInt(type.symbols.indexOf(value as string)))
  else if (type.kind === 'array') writeArray(encoder, type.items, value as unknown[])
  else if (type.kind === 'map') writeMap(encoder, type.values, value as object)
  else if (type.kind === 'union') writeUnion(encoder, type.branches, value)
  else if (type.kind === 'record') writeRecord(encoder, type, value as Record<string, unknown>)
}

function writeRecord(encoder: Encoder, type: RecordType, record: Record<string, unknown>): void {
  for (const field of type.fields) {
    if (!(field.name in record)) throw new TypeError(`no value for ${type.name}.${field.name}`)
    write(encoder, field.type, record[field.name])
  }
}

function writeUnion(encoder: Encoder, branches: AvroType[], value: unknown): void {
  const index = branches.findIndex(branch => fits(branch, value))
  if (index < 0) throw new TypeError(`no branch for ${String(value)}`)
  encoder.long(BigInt(index))
  write(encoder, branches[index] as AvroType, value)
}

function writeArray(encoder: Encoder, items: AvroType, values: unknown[]): void {
  const size = encoder.arrays === 'split' ? 1 : values.length
  for (let start = 0; start < values.length; start += size)
    writeBlock(encoder, items, values.slice(start, start + size))
  encoder.long(0n)
}

function writeBlock(encoder: Encoder, items: AvroType, values: unknown[]): void {
  const block = new Encoder(encoder.arrays)
  for (const value of values) write(block, items, value)
  const count = BigInt(values.length)
  encoder.long(encoder.arrays === 'sized' ? -count : count)
  if (encoder.arrays === 'sized') encoder.bytes(block.done())
  else encoder.raw(block.done())
}

function writeMap(encoder: Encoder, values: AvroType, map: object): void {
  const entries = Object.entries(map)
  if (entries.length > 0) encoder.long(BigInt(entries.length))
  for (const [key, value] of entries) {
    encoder.bytes(Buffer.from(key))
    write(encoder, values, value)
  }
  encoder.long(0n)
}

/** Whether the type can encode the value; decides the branch of a union. */
function fits(type: AvroType, value: unknown): boolean {
  if (type.kind === 'null') return value === null
  if (type.kind === 'int') return Number.isInteger(value) && Number(value) === (Number(value) | 0)
  if (type.kind === 'long') return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
  if (type.kind === 'float' || type.kind === 'double') return typeof value === 'number'
  if (type.kind === 'boolean' || type.kind === 'string') return typeof value === type.kind
  if (type.kind === 'bytes') return value instanceof Uint8Array
  if (type.kind === 'fixed') return value instanceof Uint8Array && value.length === type.size
  if (type.kind === 'enum') return type.symbols.includes(value as string)
  if (type.kind === 'array') return Array.isArray(value)
  if (type.kind === 'union') return type.branches.some(branch => fits(branch, value))
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

/** Growing buffer with Avro's primitive encodings. */
class Encoder {
  private buffer = Buffer.allocUnsafe(256)
  private end = 0
  readonly arrays: ArrayBlocks

  constructor(arrays: ArrayBlocks = 'plain') {
    this.arrays = arrays
  }

  /** Zigzag varint. */
  long(value: bigint): void {
    this.reserve(10)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.end++] = Number(rest & 0x7fn) | 0x80
    this.buffer[this.end++] = Number(rest)
  }

  float(value: number): void {
    this.reserve(4)
    this.end = this.buffer.writeFloatLE(value, this.end)
  }

  double(value: number): void {
    this.reserve(8)
    this.end = this.buffer.writeDoubleLE(value, this.end)
  }

  bytes(bytes: Uint8Array): void {
    this.long(BigInt(bytes.length))
    this.raw(bytes)
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.end)
    this.end += bytes.length
  }

  done(): Buffer {
    return this.buffer.subarray(0, this.end)
  }

  private reserve(size: number): void {
    if (this.end + size <= this.buffer.length) return
    const old = this.buffer
    this.buffer = Buffer.allocUnsafe(Math.max(old.length * 2, this.end + size))
    this.buffer.set(old)
  }
}
