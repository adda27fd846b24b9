import assert from 'node:assert/strict'
import { type Column, type LeafColumn, type StructColumn, WIDTHS } from '../../lib/parquet/columns.ts'

/**
 * Reads all rows in a table's columns: longs are bigint, bytes are Buffer, absent values are null.
 *
 * Assembles them only from the levels and values of the leaves, as Parquet readers do.
 * @throws AssertionError if the levels of two leaves contradict each other, or a leaf has too many or too few values
 */
export function rowsOf(table: StructColumn): Record<string, unknown>[] {
  const cursors = new Map<LeafColumn, Cursor>()
  addCursors(table, [], cursors)
  const all = [...cursors.values()]
  const rows = Array.from({ length: table.entries.count }, () => {
    for (const { repetition } of all) assert.equal(repetition, 0, 'a row does not begin with repetition level 0')
    return readFields(table, cursors, { definition: 0, repetition: 0 })
  })
  for (const { isAtEnd } of all) assert.ok(isAtEnd, 'a column has entries or values after its last row')
  return rows
}

/** Adds a null for each column that the value has no field for. */
export function padded(column: Column, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (column.type === 'list') return (value as unknown[]).map(element => padded(column.element, element))
  if (column.type !== 'struct') return value
  const record = value as Record<string, unknown>
  const missing = Object.keys(record).filter(name => !column.children.has(name))
  if (missing.length > 0) throw new Error(`no column for ${missing}`)
  return Object.fromEntries([...column.children].map(([name, child]) => [name, padded(child, ownField(record, name))]))
}

/** Ignores inherited properties: a field may be named `toString`. */
function ownField(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

/** Position in a leaf: the next entry, and the next value. */
class Cursor {
  private readonly leaf: LeafColumn
  private readonly definitions: Uint8Array
  private readonly values: Buffer
  private entry = 0
  private offset = 0

  constructor(leaf: LeafColumn, parents: readonly StructColumn[]) {
    this.leaf = leaf
    this.definitions = definitionsOf(leaf, parents)
    this.values = Buffer.from(leaf.bytes.subarray(0, leaf.length))
  }

  get isAtEnd(): boolean {
    return this.entry === this.leaf.entries.count && this.offset === this.values.length
  }

  get definition(): number | undefined {
    return this.definitions[this.entry]
  }

  /** Repetition level of the next entry; undefined after the last one. */
  get repetition(): number | undefined {
    return this.entry < this.leaf.entries.count ? this.leaf.entries.repetition[this.entry] : undefined
  }

  skip(): void {
    this.entry++
  }

  next(): unknown {
    const { offset, values } = this
    const { type } = this.leaf
    const width = WIDTHS[type]
    const start = width > 0 ? offset : offset + 4
    const end = start + (width > 0 ? width : values.readUInt32LE(offset))
    assert.ok(end <= values.length, 'a column has too few values')
    this.offset = end
    this.entry++
    if (type === 'boolean') return values[start] === 1
    if (type === 'int') return values.readInt32LE(start)
    if (type === 'long') return values.readBigInt64LE(start)
    if (type === 'float') return values.readFloatLE(start)
    if (type === 'double') return values.readDoubleLE(start)
    return type === 'string' ? values.toString('utf8', start, end) : values.subarray(start, end)
  }
}

function addCursors(column: Column, parents: readonly StructColumn[], cursors: Map<LeafColumn, Cursor>): void {
  if (column.type === 'list') addCursors(column.element, [], cursors)
  else if (column.type === 'struct')
    for (const child of column.children.values()) addCursors(child, [...parents, column], cursors)
  else cursors.set(column, new Cursor(column, parents))
}

/** The definition levels of a leaf, with those of null structs and of null or empty lists above it. */
function definitionsOf({ entries, definition, definedLevel }: LeafColumn, parents: readonly StructColumn[]) {
  const levels = new Uint8Array(entries.count).fill(definedLevel - 1)
  levels.set(definition.subarray(0, entries.count))
  for (const [entry, placeholder] of entries.placeholders.subarray(0, entries.count).entries())
    if (placeholder > 0) levels[entry] = placeholder - 1
  for (const { nulls, definedLevel } of parents) for (const entry of nulls) levels[entry] = definedLevel - 1
  return levels
}

/** Maximum levels at a place in the schema. */
interface Levels {
  readonly definition: number
  readonly repetition: number
}

/** @param parent levels of the column around this one */
function read(column: Column, cursors: ReadonlyMap<LeafColumn, Cursor>, parent: Levels): unknown {
  const leaves = leavesOf(column).map(leaf => cursors.get(leaf) as Cursor)
  const [first] = leaves as [Cursor]
  const levels = { ...parent, definition: parent.definition + 1 }
  const { definition = -1 } = first
  const isList = column.type === 'list'
  if (definition < levels.definition || (isList && definition === levels.definition)) {
    for (const leaf of leaves) {
      assert.equal(leaf.definition, definition, 'columns of the same null have different definition levels')
      leaf.skip()
    }
    return definition < levels.definition ? null : []
  }
  if (isList) return readElements(column.element, cursors, levels, first)
  if (column.type === 'struct') return readFields(column, cursors, levels)
  assert.equal(definition, levels.definition, 'a definition level is above its maximum')
  return first.next()
}

function readFields({ children }: StructColumn, cursors: ReadonlyMap<LeafColumn, Cursor>, levels: Levels) {
  return Object.fromEntries([...children].map(([name, child]) => [name, read(child, cursors, levels)]))
}

function readElements(element: Column, cursors: ReadonlyMap<LeafColumn, Cursor>, list: Levels, first: Cursor) {
  const levels = { definition: list.definition + 1, repetition: list.repetition + 1 }
  const elements: unknown[] = []
  do elements.push(read(element, cursors, levels))
  while (first.repetition === levels.repetition)
  return elements
}

function leavesOf(column: Column): LeafColumn[] {
  if (column.type === 'list') return leavesOf(column.element)
  return column.type === 'struct' ? [...column.children.values()].flatMap(leavesOf) : [column]
}
