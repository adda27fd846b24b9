import { LIMITS } from '../limits.ts'
import { CorruptPacketError } from './corrupt-packet.ts'
import type { Shape } from './schema.ts'

const FIXED_BYTES = { null: 0, boolean: 1, float: 4, double: 8 }

/**
 * Cursor over Avro's binary encoding (specification 1.11, "Binary Encoding").
 *
 * Every read is checked against `end`, so that a corrupt length causes a CorruptPacketError rather than a read into the
 * next packet.
 */
export class AvroReader {
  protected bytes: Uint8Array = new Uint8Array(0)
  protected view: DataView = new DataView(new ArrayBuffer(0))
  protected position = 0
  protected end = 0
  /** Number of array and map elements since `seek`. It is limited, because one byte may add a row to many columns. */
  private elements = 0

  protected seek(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.position = start
    this.end = end
    this.elements = 0
  }

  /** Moves past the next `length` bytes; returns their start. */
  protected take(length: number): number {
    const start = this.position
    this.position = start + length
    if (this.position > this.end)
      throw new CorruptPacketError(`it is cut: ${this.position - this.end} bytes are missing`)
    return start
  }

  protected readLength(): number {
    const length = this.readInt()
    if (length < 0) throw new CorruptPacketError(`a length is negative: ${length}`)
    return length
  }

  /** Reads a zigzag varint of at most 32 bits. */
  protected readInt(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] as number
      if (shift === 28 && byte > 15) break
      value |= (byte & 127) << shift
      if (byte < 128) return (value >>> 1) ^ -(value & 1)
    }
    throw new CorruptPacketError('an integer has more than 32 bits')
  }

  /** Reads a zigzag varint of at most 64 bits into two 32-bit words, low word first. */
  protected readLong(words: Int32Array, index: number): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.take(1)] as number
      const bits = byte & 127
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (shift === 63 && byte > 1) break
      if (byte < 128) {
        const sign = -(low & 1)
        words[index] = ((low >>> 1) | (high << 31)) ^ sign
        words[index + 1] = (high >>> 1) ^ sign
        return
      }
    }
    throw new CorruptPacketError('an integer has more than 64 bits')
  }

  /** Reads the element count of the next block in an array or map; 0 marks the end. */
  protected readBlockCount(): number {
    const count = this.readInt()
    // A negative count is followed by the size of the block in bytes.
    if (count < 0) this.readInt()
    const elements = Math.abs(count)
    this.elements += elements
    // Reject a count that exceeds the number of remaining bytes. Avro allows zero-byte elements, but no alert has any.
    if (elements > this.end - this.position || this.elements > LIMITS.alertElements)
      throw new CorruptPacketError(`an array promises ${elements} elements`)
    return elements
  }

  protected skipValue(shape: Shape): void {
    switch (shape.kind) {
      case 'record':
        for (const field of shape.fields) this.skipValue(field.shape)
        break
      case 'union':
        this.skipValue(this.readBranch(shape.branches))
        break
      case 'array':
      case 'map':
        this.skipElements(shape.of, shape.kind === 'map')
        break
      case 'string':
      case 'bytes':
        this.take(this.readLength())
        break
      case 'int':
      case 'long':
      case 'enum':
        this.readLong(new Int32Array(2), 0)
        break
      default:
        this.take(shape.kind === 'fixed' ? shape.size : FIXED_BYTES[shape.kind])
    }
  }

  private skipElements(shape: Shape, keyed: boolean): void {
    for (let count = this.readBlockCount(); count > 0; count = this.readBlockCount())
      for (; count > 0; count--) {
        if (keyed) this.take(this.readLength())
        this.skipValue(shape)
      }
  }

  private readBranch(branches: readonly Shape[]): Shape {
    const index = this.readInt()
    const branch = branches[index]
    if (!branch) throw new CorruptPacketError(`a union of ${branches.length} has no branch ${index}`)
    return branch
  }
}
