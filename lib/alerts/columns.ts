/**
 * Columns that are filled value by value and emptied batch by batch.
 *
 * Their buffers lie as Arrow lays them out, so that a batch needs no conversion, and are kept from batch to batch:
 * fresh memory costs a page fault for every 4 kB. A bit of `validity` is set for each value that is present, so a null,
 * or a field that a night's schema does not have, costs nothing.
 *
 * Avro types map to columns of the same width: nothing is narrowed or widened.
 */
export type Column = FixedColumn | BooleanColumn | BytesColumn | StructColumn | ListColumn

export type FixedType = 'int' | 'long' | 'float' | 'double'

const ARRAYS = { int: Int32Array, long: BigInt64Array, float: Float32Array, double: Float64Array }

abstract class Nullable {
  capacity = 64
  validity = new Uint8Array(8)

  /** Marks the value of `row` as present. */
  setValid(row: number): void {
    const at = row >> 3
    this.validity[at] = (this.validity[at] as number) | (1 << (row & 7))
  }

  /** Whether the value of `row` is present. */
  has(row: number): boolean {
    return (((this.validity[row >> 3] as number) >> (row & 7)) & 1) === 1
  }

  /** Makes room for `rows` rows, keeping what is there. */
  reserve(rows: number): void {
    if (rows <= this.capacity) return
    while (this.capacity < rows) this.capacity *= 2
    this.validity = grown(this.validity, this.capacity >> 3)
    this.grow()
  }

  /** Forgets the rows from `rows` on. */
  truncate(rows: number): void {
    const at = rows >> 3
    this.validity[at] = (this.validity[at] ?? 0) & ((1 << (rows & 7)) - 1)
    this.validity.fill(0, at + 1)
  }

  protected abstract grow(): void
}

/** Numbers of one width. A long is two 32-bit halves of `words`, little-endian: no BigInt is made for it. */
export class FixedColumn extends Nullable {
  readonly type: FixedType
  values: Int32Array | BigInt64Array | Float32Array | Float64Array
  words: Int32Array

  constructor(type: FixedType) {
    super()
    this.type = type
    this.values = new ARRAYS[type](this.capacity)
    this.words = wordsOf(this.values)
  }

  protected grow(): void {
    const old = this.words
    this.values = new ARRAYS[this.type](this.capacity)
    this.words = wordsOf(this.values)
    this.words.set(old)
  }
}

/** Booleans, one bit each. No ZTF field is one yet; a future schema may add it. */
export class BooleanColumn extends Nullable {
  readonly type = 'boolean'
  bits = new Uint8Array(8)

  set(row: number, value: number): void {
    const at = row >> 3
    const bit = 1 << (row & 7)
    this.bits[at] = value === 0 ? (this.bits[at] as number) & ~bit : (this.bits[at] as number) | bit
  }

  protected grow(): void {
    this.bits = grown(this.bits, this.capacity >> 3)
  }
}

/** Rows of any length, in bytes or elements: row `i` is from `offsets[i]` to `offsets[i + 1]`. */
abstract class Varying extends Nullable {
  offsets = new Int32Array(this.capacity + 1)
  /** Rows whose end is known; nulls after them have none until `close`. */
  protected rows = 0

  /** Ends every row before `rows` that has no end yet; returns where the last one ends. */
  close(rows: number): number {
    const end = this.offsets[this.rows] as number
    while (this.rows < rows) this.offsets[++this.rows] = end
    return end
  }

  /** Ends `row`. */
  end(row: number, end: number): void {
    this.offsets[row + 1] = end
    this.rows = row + 1
  }

  override truncate(rows: number): void {
    super.truncate(rows)
    if (this.rows > rows) this.rows = rows
  }

  protected grow(): void {
    this.offsets = grown(this.offsets, this.capacity + 1)
  }
}

/** Bytes that a column keeps in any case: those of the stamps, say, are used again in each batch. */
const KEPT = 1 << 20

/** Texts or bytes. */
export class BytesColumn extends Varying {
  readonly type: 'string' | 'bytes'
  bytes = new Uint8Array(1024)

  constructor(type: 'string' | 'bytes') {
    super()
    this.type = type
  }

  /** Opens `row` for `length` bytes and returns where in `bytes` they go. */
  open(row: number, length: number): number {
    const start = this.close(row)
    const end = start + length
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2))
    this.end(row, end)
    return start
  }

  /**
   * Room of which a batch used no more than a quarter is given up: each column would else keep the most it ever had.
   */
  override truncate(rows: number): void {
    const used = this.offsets[this.rows] as number
    super.truncate(rows)
    if (rows === 0 && this.bytes.length > Math.max(KEPT, used * 4)) this.bytes = new Uint8Array(KEPT)
  }
}

/** One record a row. */
export class StructColumn extends Nullable {
  readonly type = 'struct'
  readonly children = new Map<string, Column>()

  /** Adds a column under a name that has none yet. */
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

/** Any number of elements a row. */
export class ListColumn extends Varying {
  readonly type = 'list'
  readonly element: Column

  constructor(element: Column) {
    super()
    this.element = element
  }

  override truncate(rows: number): void {
    super.truncate(rows)
    this.element.truncate(this.offsets[this.rows] as number)
  }
}

/** An empty column for values of a scalar type. */
export function scalarColumn(type: FixedType | 'boolean' | 'string' | 'bytes'): Column {
  if (type === 'boolean') return new BooleanColumn()
  return type === 'string' || type === 'bytes' ? new BytesColumn(type) : new FixedColumn(type)
}

function wordsOf(values: FixedColumn['values']): Int32Array {
  return new Int32Array(values.buffer)
}

function grown<T extends Uint8Array | Int32Array>(old: T, length: number): T {
  const array = new (old.constructor as new (length: number) => T)(length)
  array.set(old)
  return array
}
