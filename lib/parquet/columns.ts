import { freeBuffer } from '../core/buffers.ts'

/**
 * Columns of nested records, filled value by value in the form in which Parquet stores them: the values of each leaf
 * without its nulls, and one definition level per entry (Parquet format, "Nested Encoding").
 *
 * Everything is nullable. An entry's definition level is the number of columns that are present on the path to the
 * leaf, the leaf included; a list that has elements counts twice.
 */
export type Column = LeafColumn | StructColumn | ListColumn

export type LeafType = 'boolean' | 'int' | 'long' | 'float' | 'double' | 'string' | 'bytes'
export type ColumnType = LeafType | 'struct' | { readonly list: ColumnType }

/** Bytes per value; 0 for strings and bytes, whose values are preceded by their length in 4 bytes. */
export const WIDTHS: Readonly<Record<LeafType, number>> = {
  boolean: 1,
  int: 4,
  long: 8,
  float: 4,
  double: 8,
  string: 0,
  bytes: 0,
}

/** Maximum size in bytes of a buffer that is kept for reuse. One that a huge value has enlarged is replaced. */
export const KEPT_BYTES = 1 << 20

const MIN_CAPACITY = 1 << 10
/** Size in bytes above which a buffer is freed at once, instead of by the garbage collector. */
const FREED_BYTES = 1 << 16
/** Small, because hundreds of pages of stamps wait in their buffers until they are written. */
const GROWTH = 1.25

/**
 * The entries of all leaves with the same innermost list: the elements of that list, or the table's rows if there is
 * no list. A null or empty list also takes up an entry.
 */
export class Entries {
  /** Repetition level of an element that is not the first of its list; 0 for rows. */
  readonly maxRepetition: number
  count = 0
  repetition = new Uint8Array(MIN_CAPACITY)
  /** For each entry that stands for a null or empty list, its definition level plus one; otherwise 0. */
  placeholders = new Uint8Array(MIN_CAPACITY)

  constructor(maxRepetition: number) {
    this.maxRepetition = maxRepetition
  }

  /** Adds an entry with a repetition level; returns its index. */
  add(repetition: number): number {
    const entry = this.count++
    if (entry === this.repetition.length) {
      this.repetition = grown(this.repetition, entry + 1)
      this.placeholders = grown(this.placeholders, entry + 1)
    }
    this.repetition[entry] = repetition
    this.placeholders[entry] = 0
    return entry
  }

  addPlaceholder(repetition: number, definition: number): number {
    const entry = this.add(repetition)
    this.placeholders[entry] = definition + 1
    return entry
  }
}

abstract class Node {
  readonly entries: Entries
  /** Definition level of an entry in which this column is present. */
  readonly definedLevel: number

  constructor(entries: Entries, definedLevel: number) {
    this.entries = entries
    this.definedLevel = definedLevel
  }

  /** Adds a placeholder to each list in this column, for an entry that is null or empty above it. */
  abstract addPlaceholders(entry: number, definition: number): void

  /** Makes an entry null. A leaf's entries are null unless they are set. */
  abstract setNull(entry: number): void
}

export class LeafColumn extends Node {
  readonly type: LeafType
  /** Values in Parquet's PLAIN encoding, apart from booleans, which take up a byte each; `length` bytes are in use. */
  bytes = new Uint8Array(MIN_CAPACITY)
  /** The same memory as `bytes`. */
  words = new Int32Array(this.bytes.buffer)
  length = 0
  /** Definition levels by entry. Until the page ends, an entry without a value counts as null in a present parent. */
  definition: Uint8Array

  constructor(type: LeafType, entries: Entries, definedLevel: number) {
    super(entries, definedLevel)
    this.type = type
    this.definition = new Uint8Array(MIN_CAPACITY).fill(definedLevel - 1)
  }

  /** Marks the entry as not null. The caller appends its value. */
  setDefined(entry: number): void {
    if (entry >= this.definition.length) this.ensureLevels(entry + 1)
    this.definition[entry] = this.definedLevel
  }

  isDefined(entry: number): boolean {
    return this.definition[entry] === this.definedLevel
  }

  /** Makes room for a value of `size` bytes; returns its offset in `bytes`. */
  append(size: number): number {
    const start = this.length
    this.length = start + size
    if (this.length > this.bytes.length) this.resize(Math.max(this.length, this.bytes.length * GROWTH), start)
    return start
  }

  /** Makes room for a string of `size` bytes, and writes its length; returns the string's offset in `bytes`. */
  appendSized(size: number): number {
    const start = this.append(size + 4)
    const { bytes } = this
    bytes[start] = size
    bytes[start + 1] = size >>> 8
    bytes[start + 2] = size >>> 16
    bytes[start + 3] = size >>> 24
    return start + 4
  }

  /** Returns the last value of a column of longs. */
  lastLong(): bigint {
    const index = this.length >> 2
    return (BigInt(this.words[index - 1] as number) << 32n) | BigInt((this.words[index - 2] as number) >>> 0)
  }

  /** Makes the entries from `start` to `end` null. */
  clearLevels(start: number, end: number): void {
    this.definition.fill(this.definedLevel - 1, start, end)
  }

  /** Removes the values after the first `length` bytes. */
  truncate(length: number): void {
    this.length = length
    if (this.bytes.length > Math.max(KEPT_BYTES, length * 4)) this.resize(Math.max(length, MIN_CAPACITY), length)
  }

  /** Returns the number of values. Strings are counted by the definition levels of the entries `start` to `end`. */
  countValues(start: number, end: number): number {
    const width = WIDTHS[this.type]
    if (width > 0) return this.length / width
    let count = 0
    for (let entry = start; entry < end; entry++) if (this.definition[entry] === this.definedLevel) count++
    return count
  }

  /** Replaces the buffer of the values with an empty one; returns the old buffer. */
  replaceBuffer(replacement: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const { bytes } = this
    this.bytes = replacement
    this.words = new Int32Array(replacement.buffer)
    this.length = 0
    return bytes
  }

  /** Makes room for the definition levels of `count` entries. */
  ensureLevels(count: number): void {
    const { length } = this.definition
    if (count > length) {
      this.definition = grown(this.definition, count)
      this.definition.fill(this.definedLevel - 1, length)
    }
  }

  override addPlaceholders(): void {}

  override setNull(): void {}

  private resize(capacity: number, kept: number): void {
    const { length } = this
    // A multiple of 8, because the values are also read as 8-byte numbers.
    const former = this.replaceBuffer(new Uint8Array(Math.ceil(capacity / 8) * 8))
    this.bytes.set(former.subarray(0, kept))
    this.length = length
    if (former.length > FREED_BYTES) freeBuffer(former.buffer)
  }
}

export class StructColumn extends Node {
  readonly type = 'struct'
  readonly children = new Map<string, Column>()
  /** Entries in which this struct is null. */
  readonly nulls: number[] = []

  /** Adds a child column; the name must be new. */
  add(name: string, type: ColumnType): Column {
    const column = createColumn(type, this.entries, this.definedLevel)
    this.children.set(name, column)
    return column
  }

  override addPlaceholders(entry: number, definition: number): void {
    for (const child of this.children.values()) child.addPlaceholders(entry, definition)
  }

  override setNull(entry: number): void {
    this.nulls.push(entry)
    this.addPlaceholders(entry, this.definedLevel - 1)
  }
}

export class ListColumn extends Node {
  readonly type = 'list'
  readonly elements: Entries
  readonly element: Column

  constructor(element: ColumnType, entries: Entries, definedLevel: number) {
    super(entries, definedLevel)
    this.elements = new Entries(entries.maxRepetition + 1)
    this.element = createColumn(element, this.elements, definedLevel + 1)
  }

  override addPlaceholders(entry: number, definition: number): void {
    const placeholder = this.elements.addPlaceholder(this.entries.repetition[entry] as number, definition)
    this.element.addPlaceholders(placeholder, definition)
  }

  override setNull(entry: number): void {
    this.addPlaceholders(entry, this.definedLevel - 1)
  }

  setEmpty(entry: number): void {
    this.addPlaceholders(entry, this.definedLevel)
  }

  /** Number of elements in the last row's list, whose first entry is `start`. */
  lengthFrom(start: number): number {
    const { count, placeholders } = this.elements
    return start < count && (placeholders[start] as number) > 0 ? 0 : count - start
  }
}

/** Creates the columns of a table: a struct that is never null. */
export function createTable(): StructColumn {
  return new StructColumn(new Entries(0), 0)
}

function createColumn(type: ColumnType, entries: Entries, parentLevel: number): Column {
  if (typeof type === 'object') return new ListColumn(type.list, entries, parentLevel + 1)
  if (type === 'struct') return new StructColumn(entries, parentLevel + 1)
  return new LeafColumn(type, entries, parentLevel + 1)
}

function grown(old: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const array = new Uint8Array(Math.max(length, old.length * 2))
  array.set(old)
  return array
}
