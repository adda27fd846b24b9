import { type AvroType, type RecordType, recordType } from './avro-type.ts'
import type { Random } from './random.ts'
import type { Style } from './schema.ts'

/**
 * How arrays are laid out; Avro allows each: one block, one block that states its size (with a negative count), or a
 * block an element.
 */
export type ArrayBlocks = 'plain' | 'sized' | 'split'

export interface PacketOptions {
  schema: string
  style: Style
  random: Random
  /** What the metadata claims; nothing is ever compressed. */
  codec?: string
  arrays?: ArrayBlocks
}

const GO_MARKER = Buffer.from('gogenavromagic10')
const MAGIC = Buffer.from('Obj\x01', 'latin1')
const types = new Map<string, RecordType>()

/** An alert as the archive has it: an Avro object container file of one block of one record. */
export function encodePacket(alert: object, options: PacketOptions): Buffer {
  const { schema, style, random } = options
  const sink = new Sink()
  sink.raw(MAGIC)
  writeMetadata(sink, schema, options)
  const marker = style === 'go' ? GO_MARKER : random.bytes(16)
  sink.raw(marker)
  sink.long(1n)
  sink.bytes(encodeRecord(schema, alert, options.arrays))
  sink.raw(marker)
  return sink.done()
}

/** The record alone, in Avro's binary form. A field that the alert lacks, or a value of the wrong kind, throws. */
export function encodeRecord(schema: string, alert: object, arrays: ArrayBlocks = 'plain'): Buffer {
  const type = types.get(schema) ?? recordType(schema)
  types.set(schema, type)
  const sink = new Sink(arrays)
  write(sink, type, alert)
  return sink.done()
}

function writeMetadata(sink: Sink, schema: string, { style, random, codec = 'null' }: PacketOptions): void {
  const entries = [
    ['avro.codec', codec],
    ['avro.schema', schema],
  ] as const
  const order = style === 'go' && random.chance(0.5) ? entries.toReversed() : entries
  sink.long(BigInt(order.length))
  for (const text of order.flat()) sink.bytes(Buffer.from(text))
  sink.long(0n)
}

function write(sink: Sink, type: AvroType, value: unknown): void {
  if (!fits(type, value)) throw new TypeError(`not of type ${type.kind}: ${String(value)}`)
  if (type.kind === 'boolean') sink.raw(Buffer.from([value ? 1 : 0]))
  else if (type.kind === 'int') sink.long(BigInt(value as number))
  else if (type.kind === 'long') sink.long(value as bigint)
  else if (type.kind === 'float') sink.float(value as number)
  else if (type.kind === 'double') sink.double(value as number)
  else if (type.kind === 'string') sink.bytes(Buffer.from(value as string))
  else if (type.kind === 'bytes') sink.bytes(value as Uint8Array)
  else if (type.kind === 'fixed') sink.raw(value as Uint8Array)
  else if (type.kind === 'enum') sink.long(BigInt(type.symbols.indexOf(value as string)))
  else if (type.kind === 'array') writeArray(sink, type.items, value as unknown[])
  else if (type.kind === 'map') writeMap(sink, type.values, value as object)
  else if (type.kind === 'union') writeUnion(sink, type.branches, value)
  else if (type.kind === 'record') writeRecord(sink, type, value as Record<string, unknown>)
}

function writeRecord(sink: Sink, type: RecordType, record: Record<string, unknown>): void {
  for (const field of type.fields) {
    if (!(field.name in record)) throw new TypeError(`no value for ${type.name}.${field.name}`)
    write(sink, field.type, record[field.name])
  }
}

function writeUnion(sink: Sink, branches: AvroType[], value: unknown): void {
  const index = branches.findIndex(branch => fits(branch, value))
  if (index < 0) throw new TypeError(`no branch for ${String(value)}`)
  sink.long(BigInt(index))
  write(sink, branches[index] as AvroType, value)
}

function writeArray(sink: Sink, items: AvroType, values: unknown[]): void {
  const size = sink.arrays === 'split' ? 1 : values.length
  for (let at = 0; at < values.length; at += size) writeBlock(sink, items, values.slice(at, at + size))
  sink.long(0n)
}

function writeBlock(sink: Sink, items: AvroType, values: unknown[]): void {
  const block = new Sink(sink.arrays)
  for (const value of values) write(block, items, value)
  const count = BigInt(values.length)
  sink.long(sink.arrays === 'sized' ? -count : count)
  if (sink.arrays === 'sized') sink.bytes(block.done())
  else sink.raw(block.done())
}

function writeMap(sink: Sink, values: AvroType, map: object): void {
  const entries = Object.entries(map)
  if (entries.length > 0) sink.long(BigInt(entries.length))
  for (const [key, value] of entries) {
    sink.bytes(Buffer.from(key))
    write(sink, values, value)
  }
  sink.long(0n)
}

/** Whether a value is of a type, strictly enough to choose a union's branch by. */
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

/** Bytes that grow, and Avro's ways to put a value into them. */
class Sink {
  private buffer = Buffer.allocUnsafe(256)
  private end = 0
  readonly arrays: ArrayBlocks

  constructor(arrays: ArrayBlocks = 'plain') {
    this.arrays = arrays
  }

  /** Zigzag, then seven bits a byte, the lowest first. */
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
