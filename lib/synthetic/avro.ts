import { parseSchema, type Shape } from '../alerts/schema.ts'
import type { Random } from './random.ts'
import type { Style } from './schema.ts'

/** Block layout of arrays: one block, one block with its size in bytes, or one block per element. */
export type ArrayBlocks = 'plain' | 'sized' | 'split'

const GO_MARKER = Buffer.from('gogenavromagic10')
const MAGIC = Buffer.from('Obj\x01', 'latin1')
const shapes = new Map<string, Shape>()

/** Encodes an alert as an Avro object container file with one block of one record. */
export function encodePacket(
  alert: object,
  { schema, style, random, arrays }: { schema: string; style: Style; random: Random; arrays?: ArrayBlocks },
): Buffer {
  const encoder = new Encoder()
  encoder.raw(MAGIC)
  const metadata = [
    ['avro.codec', 'null'],
    ['avro.schema', schema],
  ]
  encoder.long(BigInt(metadata.length))
  // Go writes map entries in random order.
  if (style === 'go' && random.chance(0.5)) metadata.reverse()
  for (const text of metadata.flat()) encoder.bytes(Buffer.from(text))
  encoder.long(0n)
  const marker = style === 'go' ? GO_MARKER : random.bytes(16)
  encoder.raw(marker)
  encoder.long(1n)
  encoder.bytes(encodeRecord(schema, alert, arrays))
  encoder.raw(marker)
  return encoder.done()
}

/**
 * Encodes only the record, without a container file.
 * @throws TypeError if the alert lacks a field or has a value of the wrong type
 */
export function encodeRecord(schema: string, alert: object, arrays: ArrayBlocks = 'plain'): Buffer {
  const shape = shapes.get(schema) ?? parseSchema(schema).shape
  shapes.set(schema, shape)
  const encoder = new Encoder(arrays)
  encoder.value(shape, alert)
  return encoder.done()
}

function fits(shape: Shape, value: unknown): boolean {
  if (shape.kind === 'null') return value === null
  if (shape.kind === 'int') return Number.isInteger(value) && Number(value) === (Number(value) | 0)
  if (shape.kind === 'long') return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
  if (shape.kind === 'float' || shape.kind === 'double') return typeof value === 'number'
  if (shape.kind === 'boolean' || shape.kind === 'string') return typeof value === shape.kind
  if (shape.kind === 'bytes') return value instanceof Uint8Array
  if (shape.kind === 'fixed') return value instanceof Uint8Array && value.length === shape.size
  if (shape.kind === 'enum') return shape.symbols.includes(value as string)
  if (shape.kind === 'array') return Array.isArray(value)
  if (shape.kind === 'union') return shape.branches.some(branch => fits(branch, value))
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

class Encoder {
  private buffer = Buffer.allocUnsafe(256)
  private end = 0
  private readonly arrays: ArrayBlocks

  constructor(arrays: ArrayBlocks = 'plain') {
    this.arrays = arrays
  }

  value(shape: Shape, value: unknown): void {
    if (!fits(shape, value)) throw new TypeError(`not of type ${shape.kind}: ${String(value)}`)
    if (shape.kind === 'boolean') this.raw(Buffer.from([value ? 1 : 0]))
    else if (shape.kind === 'int') this.long(BigInt(value as number))
    else if (shape.kind === 'long') this.long(value as bigint)
    else if (shape.kind === 'float') this.float(value as number)
    else if (shape.kind === 'double') this.double(value as number)
    else if (shape.kind === 'string') this.bytes(Buffer.from(value as string))
    else if (shape.kind === 'bytes') this.bytes(value as Uint8Array)
    else if (shape.kind === 'fixed') this.raw(value as Uint8Array)
    else if (shape.kind === 'enum') this.long(BigInt(shape.symbols.indexOf(value as string)))
    else if (shape.kind === 'array') this.array(shape.of, value as unknown[])
    else if (shape.kind === 'map') this.map(shape.of, value as object)
    else if (shape.kind === 'union') this.union(shape.branches, value)
    else if (shape.kind === 'record')
      for (const field of shape.fields) this.value(field.shape, (value as Record<string, unknown>)[field.name])
  }

  /** Writes a zigzag varint. */
  long(value: bigint): void {
    this.reserve(10)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    for (; rest > 0x7fn; rest >>= 7n) this.buffer[this.end++] = Number(rest & 0x7fn) | 0x80
    this.buffer[this.end++] = Number(rest)
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

  private float(value: number): void {
    this.reserve(4)
    this.end = this.buffer.writeFloatLE(value, this.end)
  }

  private double(value: number): void {
    this.reserve(8)
    this.end = this.buffer.writeDoubleLE(value, this.end)
  }

  private union(branches: readonly Shape[], value: unknown): void {
    const index = branches.findIndex(branch => fits(branch, value))
    this.long(BigInt(index))
    this.value(branches[index] as Shape, value)
  }

  private array(items: Shape, values: unknown[]): void {
    const size = this.arrays === 'split' ? 1 : values.length
    for (let start = 0; start < values.length; start += size) this.block(items, values.slice(start, start + size))
    this.long(0n)
  }

  private block(items: Shape, values: unknown[]): void {
    const block = new Encoder(this.arrays)
    for (const value of values) block.value(items, value)
    const count = BigInt(values.length)
    this.long(this.arrays === 'sized' ? -count : count)
    if (this.arrays === 'sized') this.bytes(block.done())
    else this.raw(block.done())
  }

  private map(values: Shape, map: object): void {
    const entries = Object.entries(map)
    if (entries.length > 0) this.long(BigInt(entries.length))
    for (const [key, value] of entries) {
      this.bytes(Buffer.from(key))
      this.value(values, value)
    }
    this.long(0n)
  }

  private reserve(size: number): void {
    if (this.end + size <= this.buffer.length) return
    const old = this.buffer
    this.buffer = Buffer.allocUnsafe(Math.max(old.length * 2, this.end + size))
    this.buffer.set(old)
  }
}
