/**
 * A growable column in Arrow's memory layout, filled value by value and emptied after each batch.
 *
 * Buffers are reused for the next batch, because fresh memory costs a page fault per 4 KiB. A row is null until its bit
 * in `validity` is set, so fields missing from a night's schema need no handling.
 *
 * Avro types map to columns of the same width, so that no value is narrowed or widened.
 */
export type Column = FixedColumn | BooleanColumn | BytesColumn | StructColumn | ListColumn

export type FixedType = 'int' | 'long' | 'float' | 'double'

const ARRAYS = { int: Int32Array, long: BigInt64Array, float: Float32Array, double: Float64Array }

abstract class Nullable {
  capacity = 64
  validity = new Uint8Array(8)

  setValid(row: number): void {
    const index = row >> 3
    this.validity[index] = (this.validity[index] as number) | (1 << (row & 7))
  }

  has(row: number): boolean {
    return (((this.validity[row >> 3] as number) >> (row & 7)) & 1) === 1
  }

  /** Grows to at least `rows` rows; existing values are kept. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return
    while (this.capacity < rows) this.capacity *= 2
    this.validity = grown(this.validity, this.capacity >> 3)
    this.grow()
  }

  truncate(rows: number): void {
    const index = rows >> 3
    this.validity[index] = (this.validity[index] ?? 0) & ((1 << (rows & 7)) - 1)
    this.validity.fill(0, index + 1)
  }

  protected abstract grow(): void
}

/** Column of numbers. Longs are written to `words` as two 32-bit words, low word first, to avoid BigInts. */
export class FixedColumn extends Nullable {
  readonly type: FixedType
  values: Int32Array | BigInt64Array | Float32Array | Float64Array
  words: Int32Array

  constructor(type: FixedType) {
    super()
    this.type = type
    this.values = new ARRAYS[type](this.capacity)
    this.words = new Int32Array(this.values.buffer)
  }

  protected grow(): void {
    const old = this.words
    this.values = new ARRAYS[this.type](this.capacity)
    this.words = new Int32Array(this.values.buffer)
    this.words.set(old)
  }
}

/** Column of booleans, one bit each. No ZTF schema has booleans so far. */
export class BooleanColumn extends Nullable {
  readonly type = 'boolean'
  bits = new Uint8Array(8)

  set(row: number, value: number): void {
    const index = row >> 3
    const bit = 1 << (row & 7)
    this.bits[index] = value === 0 ? (this.bits[index] as number) & ~bit : (this.bits[index] as number) | bit
  }

  protected grow(): void {
    this.bits = grown(this.bits, this.capacity >> 3)
  }
}

/** Column of byte strings or lists. Row `i` spans `offsets[i]` to `offsets[i + 1]`, in bytes or elements. */
abstract class VariableLength extends Nullable {
  offsets = new Int32Array(this.capacity + 1)
  /** Number of leading rows whose end offset is set. */
  protected closedRows = 0

  /** Sets the missing end offsets among the first `rows` rows; returns the last end offset. */
  close(rows: number): number {
    const end = this.offsets[this.closedRows] as number
    while (this.closedRows < rows) this.offsets[++this.closedRows] = end
    return end
  }

  setEnd(row: number, end: number): void {
    this.offsets[row + 1] = end
    this.closedRows = row + 1
  }

  override truncate(rows: number): void {
    super.truncate(rows)
    if (this.closedRows > rows) this.closedRows = rows
  }

  protected grow(): void {
    this.offsets = grown(this.offsets, this.capacity + 1)
  }
}

/** Buffers of up to this size in bytes are never shrunk. */
const MIN_KEPT_BYTES = 1 << 20

export class BytesColumn extends VariableLength {
  readonly type: 'string' | 'bytes'
  bytes = new Uint8Array(1024)

  constructor(type: 'string' | 'bytes') {
    super()
    this.type = type
  }

  /** Reserves `length` bytes for `row`; returns their offset in `bytes`. */
  allocate(row: number, length: number): number {
    const start = this.close(row)
    const end = start + length
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2))
    this.setEnd(row, end)
    return start
  }

  /**
   * Removes all rows after the first `rows`. If no rows are left, also shrinks a buffer that was less than a quarter
   * full, because a huge value may have enlarged it.
   */
  override truncate(rows: number): void {
    const used = this.offsets[this.closedRows] as number
    super.truncate(rows)
    if (rows === 0 && this.bytes.length > Math.max(MIN_KEPT_BYTES, used * 4))
      this.bytes = new Uint8Array(MIN_KEPT_BYTES)
  }
}

export class StructColumn extends Nullable {
  readonly type = 'struct'
  readonly children = new Map<string, Column>()

  /** Adds a child column; the name must be new. */
  add(name: string, column: Column): void {
    column.reserve(this.capacity)
    this.children.set(name, column)
  }

  override truncate(rows: number): void {
    super.truncate(rows)
    for (const child of this.children.values()) child.truncate(rows)
  }

  protected grow(): void {
    for (const child of this.children.values()) child.reserve(this.capacity)
  }
}

export class ListColumn extends VariableLength {
  readonly type = 'list'
  readonly element: Column

  constructor(element: Column) {
    super()
    this.element = element
  }

  override truncate(rows: number): void {
    super.truncate(rows)
    this.element.truncate(this.offsets[this.closedRows] as number)
  }
}

export function scalarColumn(type: FixedType | 'boolean' | 'string' | 'bytes'): Column {
  if (type === 'boolean') return new BooleanColumn()
  return type === 'string' || type === 'bytes' ? new BytesColumn(type) : new FixedColumn(type)
}

function grown<T extends Uint8Array | Int32Array>(old: T, length: number): T {
  const array = new (old.constructor as new (length: number) => T)(length)
  array.set(old)
  return array
}
