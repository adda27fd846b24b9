import type { Column } from '../../lib/alerts/columns.ts'

/** The plain value of a row: longs are bigint, bytes are Buffer, absent values are null. */
export function valueAt(column: Column, row: number): unknown {
  if (!column.has(row)) return null
  switch (column.type) {
    case 'struct':
      return Object.fromEntries([...column.children].map(([name, child]) => [name, valueAt(child, row)]))
    case 'list':
      return elementsOf(column.offsets, row).map(element => valueAt(column.element, element))
    case 'string':
      return Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1])).toString()
    case 'bytes':
      return Buffer.from(column.bytes.subarray(column.offsets[row], column.offsets[row + 1]))
    case 'boolean':
      return (((column.bits[row >> 3] as number) >> (row & 7)) & 1) === 1
    default:
      return column.values[row]
  }
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

function elementsOf(offsets: Int32Array, row: number): number[] {
  const [start, end] = [offsets[row] as number, offsets[row + 1] as number]
  return Array.from({ length: end - start }, (_, i) => start + i)
}
