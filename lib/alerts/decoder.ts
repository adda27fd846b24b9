import { isUtf8 } from 'node:buffer'
import { AvroReader } from './avro-reader.ts'
import type { BooleanColumn, BytesColumn, FixedColumn, ListColumn } from './columns.ts'
import type { Step } from './compile.ts'
import { CorruptPacketError } from './corrupt-packet.ts'

/**
 * Decodes Avro records straight into columns.
 *
 * A packet has about 1,100 values, so `decodeValue` is the hot path of the whole project. It allocates nothing for
 * numbers and ASCII strings.
 */
export class Decoder extends AvroReader {
  /**
   * Decodes the record at `bytes[start .. end)` into row `row` of the step's column.
   * @throws CorruptPacketError if the bytes do not match the schema; the caller must then truncate the columns to `row`
   */
  decode(step: Step, row: number, bytes: Uint8Array, start: number, end: number): void {
    this.seek(bytes, start, end)
    step.column.reserve(row + 1)
    this.decodeValue(step, row)
    if (this.position !== end)
      throw new CorruptPacketError(`the record ends ${end - this.position} bytes before its block does`)
  }

  private decodeValue(step: Step, row: number): void {
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
        ;(column as FixedColumn).values[row] = this.readInt()
        break
      case 'long':
        this.readLong((column as FixedColumn).words, row * 2)
        break
      case 'string':
        this.decodeString(column as BytesColumn, row)
        break
      case 'bytes':
        this.copyBytes(column as BytesColumn, row, this.readLength())
        break
      case 'struct':
        this.decodeFields(step.children, row)
        break
      case 'list':
        this.decodeList(column as ListColumn, row, step.children[0] as Step)
        break
      case 'null':
        return
      default:
        this.decodeRareType(step, row)
    }
    column.setValid(row)
  }

  /** Decodes a record's fields. Handles nulls without calling `decodeValue`, because many fields are null. */
  private decodeFields(steps: readonly Step[], row: number): void {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step
      if (this.bytes[this.position] === step.nullByte && this.position < this.end) this.position++
      else this.decodeValue(step, row)
    }
  }

  private decodeList(column: ListColumn, row: number, step: Step): void {
    let element = column.close(row)
    for (let count = this.readBlockCount(); count > 0; count = this.readBlockCount()) {
      column.element.reserve(element + count)
      for (const end = element + count; element < end; element++) this.decodeValue(step, element)
    }
    column.setEnd(row, element)
  }

  /** Copies a string, and validates it as UTF-8 only if it has non-ASCII bytes. */
  private decodeString(column: BytesColumn, row: number): void {
    const length = this.readLength()
    const from = this.take(length)
    const to = column.allocate(row, length)
    const { bytes } = this
    const target = column.bytes
    let allBits = 0
    for (let i = 0; i < length; i++) {
      const byte = bytes[from + i] as number
      allBits |= byte
      target[to + i] = byte
    }
    if (allBits > 127 && !isUtf8(target.subarray(to, to + length)))
      throw new CorruptPacketError('a string is not UTF-8')
  }

  /** Decodes types that no ZTF schema uses so far. Maps and unions of several types are stored as raw Avro bytes. */
  private decodeRareType({ column, shape }: Step, row: number): void {
    if (shape.kind === 'boolean') (column as BooleanColumn).set(row, this.bytes[this.take(1)] as number)
    else if (shape.kind === 'enum') writeBytes(column as BytesColumn, row, this.readSymbol(shape.symbols))
    else if (shape.kind === 'fixed') this.copyBytes(column as BytesColumn, row, shape.size)
    else {
      const start = this.position
      this.skipValue(shape)
      const length = this.position - start
      this.position = start
      this.copyBytes(column as BytesColumn, row, length)
    }
  }

  private copyBytes(column: BytesColumn, row: number, length: number): void {
    const from = this.take(length)
    writeBytes(column, row, this.bytes.subarray(from, from + length))
  }

  private readSymbol(symbols: readonly string[]): Uint8Array {
    const index = this.readInt()
    const symbol = symbols[index]
    if (symbol === undefined) throw new CorruptPacketError(`an enum of ${symbols.length} has no symbol ${index}`)
    return Buffer.from(symbol)
  }
}

function writeBytes(column: BytesColumn, row: number, value: Uint8Array): void {
  const offset = column.allocate(row, value.length)
  column.bytes.set(value, offset)
}
