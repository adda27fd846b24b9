import { isUtf8 } from 'node:buffer'
import { LIMITS } from '../limits.ts'
import type { BooleanColumn, BytesColumn, FixedColumn, ListColumn } from './columns.ts'
import type { Step } from './compile.ts'
import { CorruptPacketError } from './damage.ts'
import type { Shape } from './schema.ts'

/**
 * Decodes Avro's binary encoding (specification 1.11, "Binary Encoding") straight into columns.
 *
 * Every read is bounded by the record's end: bytes that are not what the schema promises throw a sentence, never run
 * on. A packet is some 1,100 values, so `value` is the hot path of the whole project: it allocates nothing.
 */
export class Decoder {
  private bytes: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(new ArrayBuffer(0))
  private at = 0
  private end = 0
  /**
   * Elements of arrays and maps in the record last decoded: a byte may stand for one that takes a row of fifty columns.
   */
  elements = 0

  /**
   * Decodes the record at `bytes[start .. end)` into row `row` of the step's columns.
   * @throws Damage where the bytes do not follow the schema; the row must then be truncated away.
   */
  decode(step: Step, row: number, bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
    this.at = start
    this.end = end
    this.elements = 0
    step.column.reserve(row + 1)
    this.value(step, row)
    if (this.at !== end) throw new CorruptPacketError(`the record ends ${end - this.at} bytes before its block does`)
  }

  private value(step: Step, row: number): void {
    if (step.nullByte >= 0) {
      const branch = this.bytes[this.take(1)] as number
      if (branch === step.nullByte) return
      if (branch !== step.valueByte) throw new CorruptPacketError(`a union of two has no branch for byte ${branch}`)
    }
    const { column } = step
    switch (step.kind) {
      case 'float':
        ;(column as FixedColumn).values[row] = this.view.getFloat32(this.take(4), true)
        break
      case 'double':
        ;(column as FixedColumn).values[row] = this.view.getFloat64(this.take(8), true)
        break
      case 'int':
        ;(column as FixedColumn).values[row] = this.int()
        break
      case 'long':
        this.long((column as FixedColumn).words, row * 2)
        break
      case 'string':
        this.string(column as BytesColumn, row)
        break
      case 'bytes':
        this.copy(column as BytesColumn, row, this.length())
        break
      case 'struct':
        this.fields(step.inner, row)
        break
      case 'list':
        this.list(column as ListColumn, row, step.inner[0] as Step)
        break
      case 'null':
        return
      default:
        this.rare(step, row)
    }
    column.setValid(row)
  }

  /** Most fields of most records are null: those are passed over here, without a call. */
  private fields(steps: readonly Step[], row: number): void {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step
      if (this.bytes[this.at] === step.nullByte && this.at < this.end) this.at++
      else this.value(step, row)
    }
  }

  /** What no alert has had so far, and a future schema may bring. */
  private rare({ kind, column, shape }: Step, row: number): void {
    if (kind === 'boolean') (column as BooleanColumn).set(row, this.bytes[this.take(1)] as number)
    else if (shape.kind === 'enum') this.put(column as BytesColumn, row, this.symbol(shape.symbols))
    else if (shape.kind === 'fixed') this.copy(column as BytesColumn, row, shape.size)
    else {
      const start = this.at
      this.skip(shape)
      const length = this.at - start
      this.at = start
      this.copy(column as BytesColumn, row, length)
    }
  }

  private list(column: ListColumn, row: number, element: Step): void {
    let at = column.close(row)
    for (let count = this.blockCount(); count > 0; count = this.blockCount()) {
      column.element.reserve(at + count)
      for (const until = at + count; at < until; at++) this.value(element, at)
    }
    column.end(row, at)
  }

  /** Elements in the next block of an array or map; a negative count is followed by the block's size in bytes. */
  private blockCount(): number {
    const count = this.int()
    if (count < 0) this.int()
    const elements = Math.abs(count)
    this.elements += elements
    // An element may take no byte, but none of ours does: more of them than bytes left is damage, not data.
    if (elements > this.end - this.at || this.elements > LIMITS.elements)
      throw new CorruptPacketError(`an array promises ${elements} elements`)
    return elements
  }

  private string(column: BytesColumn, row: number): void {
    const length = this.length()
    const from = this.take(length)
    const to = column.open(row, length)
    const { bytes } = this
    const target = column.bytes
    let all = 0
    for (let i = 0; i < length; i++) {
      const byte = bytes[from + i] as number
      all |= byte
      target[to + i] = byte
    }
    if (all > 127 && !isUtf8(target.subarray(to, to + length))) throw new CorruptPacketError('a string is not UTF-8')
  }

  private copy(column: BytesColumn, row: number, length: number): void {
    const from = this.take(length)
    this.put(column, row, this.bytes.subarray(from, from + length))
  }

  private put(column: BytesColumn, row: number, value: Uint8Array): void {
    const at = column.open(row, value.length)
    column.bytes.set(value, at)
  }

  private symbol(symbols: readonly string[]): Uint8Array {
    const index = this.int()
    const symbol = symbols[index]
    if (symbol === undefined) throw new CorruptPacketError(`an enum of ${symbols.length} has no symbol ${index}`)
    return Buffer.from(symbol)
  }

  /** Passes over a value of any shape. */
  private skip(shape: Shape): void {
    switch (shape.kind) {
      case 'null':
        return
      case 'boolean':
        this.take(1)
        return
      case 'int':
      case 'long':
      case 'enum':
        this.skipVarint()
        return
      case 'float':
        this.take(4)
        return
      case 'double':
        this.take(8)
        return
      case 'fixed':
        this.take(shape.size)
        return
      case 'string':
      case 'bytes':
        this.take(this.length())
        return
      case 'record':
        for (const field of shape.fields) this.skip(field.shape)
        return
      case 'union':
        this.skip(shape.branches[this.branch(shape.branches.length)] as Shape)
        return
      case 'array':
      case 'map':
        for (let count = this.blockCount(); count > 0; count = this.blockCount())
          for (; count > 0; count--) {
            if (shape.kind === 'map') this.take(this.length())
            this.skip(shape.of)
          }
    }
  }

  private branch(branches: number): number {
    const branch = this.int()
    if (branch < 0 || branch >= branches) throw new CorruptPacketError(`a union of ${branches} has no branch ${branch}`)
    return branch
  }

  /** Claims the next `length` bytes; returns where they start. */
  private take(length: number): number {
    const start = this.at
    this.at = start + length
    if (this.at > this.end) throw new CorruptPacketError(`the record is cut: ${this.at - this.end} bytes are missing`)
    return start
  }

  private length(): number {
    const length = this.int()
    if (length < 0) throw new CorruptPacketError(`a length is negative: ${length}`)
    return length
  }

  /** A zigzag varint of at most 32 bits. */
  private int(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] as number
      if (shift === 28 && byte > 15) break
      value |= (byte & 127) << shift
      if (byte < 128) return (value >>> 1) ^ -(value & 1)
    }
    throw new CorruptPacketError('an integer has more than 32 bits')
  }

  /** A zigzag varint of at most 64 bits, into two little-endian halves: a double holds only 53. */
  private long(words: Int32Array, index: number): void {
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

  private skipVarint(): void {
    for (let length = 1; (this.bytes[this.take(1)] as number) > 127; length++)
      if (length === 10) throw new CorruptPacketError('an integer has more than 64 bits')
  }
}
