import { isUtf8 } from 'node:buffer'
import { LIMITS } from '../limits.ts'
import type { LeafColumn, ListColumn } from '../parquet/columns.ts'
import { AvroReader } from './avro-reader.ts'
import type { Step } from './compile.ts'
import { CorruptPacketError } from './corrupt-packet.ts'

/**
 * Decodes Avro records straight into columns.
 *
 * A packet has about 1,100 values, so `decodeValue` is the hot path of the whole project. It allocates nothing for
 * numbers and ASCII strings, and copies floats as integers, so that no NaN changes its bits.
 */
export class Decoder extends AvroReader {
  /** Total size of the record's enum symbols. It is limited, because one byte of a packet stands for a symbol. */
  private symbolBytes = 0

  /**
   * Decodes the record at `bytes[start .. end)` into the next row of the step's column.
   * @throws CorruptPacketError if the bytes do not match the schema; the caller must then remove the partial row
   */
  decode(step: Step, bytes: Uint8Array, start: number, end: number): void {
    this.seek(bytes, start, end)
    this.symbolBytes = 0
    this.decodeFields(step.children, step.column.entries.add(0))
    if (this.position !== end)
      throw new CorruptPacketError(`the record ends ${end - this.position} bytes before its block does`)
  }

  private decodeValue(step: Step, entry: number): void {
    if (step.nullByte >= 0) {
      const branch = this.bytes[this.take(1)] as number
      if (branch === step.nullByte) {
        step.column.setNull(entry)
        return
      }
      if (branch !== step.valueByte) throw new CorruptPacketError(`a union of two has no branch for byte ${branch}`)
    }
    switch (step.kind) {
      case 'float':
        this.decodeFloat(step.column as LeafColumn)
        break
      case 'double':
        this.decodeDouble(step.column as LeafColumn)
        break
      case 'int': {
        const leaf = step.column as LeafColumn
        const value = this.readInt()
        const offset = leaf.append(4)
        leaf.words[offset >> 2] = value
        break
      }
      case 'long': {
        const leaf = step.column as LeafColumn
        const offset = leaf.append(8)
        this.readLong(leaf.words, offset >> 2)
        break
      }
      case 'string':
        this.decodeString(step.column as LeafColumn)
        break
      case 'bytes':
        this.copyBytes(step.column as LeafColumn, this.readLength())
        break
      case 'struct':
        this.decodeFields(step.children, entry)
        return
      case 'list':
        this.decodeList(step.column as ListColumn, entry, step.children[0] as Step)
        return
      case 'absent':
        step.column.setNull(entry)
        return
      case 'null':
        return
      default:
        this.decodeRareType(step)
    }
    ;(step.column as LeafColumn).setDefined(entry)
  }

  private decodeFloat(leaf: LeafColumn): void {
    const value = this.view.getInt32(this.take(4), true)
    const offset = leaf.append(4)
    leaf.words[offset >> 2] = value
  }

  private decodeDouble(leaf: LeafColumn): void {
    const from = this.take(8)
    const index = leaf.append(8) >> 2
    leaf.words[index] = this.view.getInt32(from, true)
    leaf.words[index + 1] = this.view.getInt32(from + 4, true)
  }

  /** Decodes a record's fields. Handles nulls without calling `decodeValue`, because many fields are null. */
  private decodeFields(steps: readonly Step[], entry: number): void {
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step
      if (this.bytes[this.position] === step.nullByte && this.position < this.end) {
        this.position++
        if (step.children.length > 0) step.column.setNull(entry)
      } else this.decodeValue(step, entry)
    }
  }

  private decodeList(list: ListColumn, entry: number, step: Step): void {
    const { elements } = list
    const { maxRepetition } = elements
    let repetition = list.entries.repetition[entry] as number
    const first = elements.count
    for (let count = this.readBlockCount(); count > 0; count = this.readBlockCount())
      for (; count > 0; count--) {
        const element = elements.add(repetition)
        repetition = maxRepetition
        this.decodeValue(step, element)
      }
    if (elements.count === first) list.setEmpty(entry)
  }

  /** Copies a string, and validates it as UTF-8 only if it has non-ASCII bytes. */
  private decodeString(leaf: LeafColumn): void {
    const length = this.readLength()
    const from = this.take(length)
    const to = leaf.appendSized(length)
    const { bytes } = this
    const target = leaf.bytes
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
  private decodeRareType({ column, shape }: Step): void {
    const leaf = column as LeafColumn
    if (shape.kind === 'boolean') {
      const value = this.bytes[this.take(1)] === 0 ? 0 : 1
      const offset = leaf.append(1)
      leaf.bytes[offset] = value
    } else if (shape.kind === 'enum') writeBytes(leaf, this.readSymbol(shape.symbols))
    else if (shape.kind === 'fixed') this.copyBytes(leaf, shape.size)
    else {
      const start = this.position
      this.skipValue(shape)
      const length = this.position - start
      this.position = start
      this.copyBytes(leaf, length)
    }
  }

  private copyBytes(leaf: LeafColumn, length: number): void {
    const from = this.take(length)
    writeBytes(leaf, this.bytes.subarray(from, from + length))
  }

  private readSymbol(symbols: readonly string[]): Uint8Array {
    const index = this.readInt()
    const symbol = symbols[index]
    if (symbol === undefined) throw new CorruptPacketError(`an enum of ${symbols.length} has no symbol ${index}`)
    this.symbolBytes += symbol.length
    if (this.symbolBytes > LIMITS.memberBytes)
      throw new CorruptPacketError(`its enum symbols take up more than ${LIMITS.memberBytes} bytes`)
    return Buffer.from(symbol)
  }
}

function writeBytes(leaf: LeafColumn, value: Uint8Array): void {
  const offset = leaf.appendSized(value.length)
  leaf.bytes.set(value, offset)
}
