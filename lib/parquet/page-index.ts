import type { ColumnChunk } from './column-chunk.ts'
import { serialize } from './thrift.ts'

/** BoundaryOrder.UNORDERED of the specification, because rows are not sorted by any column. */
const UNORDERED = 0
const NO_VALUE = new Uint8Array(0)

/**
 * Encodes where each page of a chunk lies, so that a reader can skip pages.
 *
 * OffsetIndex has page_locations, each with offset, compressed_page_size and first_row_index.
 */
export function encodeOffsetIndex({ pages }: ColumnChunk, offset: number): Uint8Array {
  let position = offset
  const locations = pages.map(({ size, firstRow }) => {
    const location = { field_1: BigInt(position), field_2: size, field_3: BigInt(firstRow) }
    position += size
    return location
  })
  return serialize({ field_1: locations })
}

/**
 * Encodes the range of each page of a chunk; undefined if a page with values has no range.
 *
 * ColumnIndex has null_pages, min_values, max_values, boundary_order and null_counts.
 */
export function encodeColumnIndex({ pages }: ColumnChunk): Uint8Array | undefined {
  if (pages.some(({ range, nulls, entries }) => !range && nulls < entries)) return undefined
  return serialize({
    field_1: pages.map(({ range }) => !range),
    field_2: pages.map(({ range }) => range?.min ?? NO_VALUE),
    field_3: pages.map(({ range }) => range?.max ?? NO_VALUE),
    field_4: UNORDERED,
    field_5: pages.map(({ nulls }) => BigInt(nulls)),
  })
}
