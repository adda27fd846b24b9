import assert from 'node:assert/strict'
import { type ColumnChunk, type FileMetaData, readColumnIndex, readOffsetIndex, snappyUncompress } from 'hyparquet'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'

/** Locations of a column chunk's pages. */
export function offsetIndex(bytes: Buffer, { offset_index_offset, offset_index_length }: ColumnChunk) {
  const view = viewOf(bytes, Number(offset_index_offset), offset_index_length as number)
  return readOffsetIndex({ view, offset: 0 }).page_locations
}

/** Ranges of a column chunk's pages. */
export function columnIndex(bytes: Buffer, chunk: ColumnChunk, { schema }: FileMetaData) {
  const element = schema.find(({ name }) => name === chunk.meta_data?.path_in_schema.at(-1)) ?? assert.fail()
  const view = viewOf(bytes, Number(chunk.column_index_offset), chunk.column_index_length as number)
  const { null_pages, min_values, max_values, boundary_order, null_counts } = readColumnIndex(
    { view, offset: 0 },
    element,
  )
  return { null_pages, min_values, max_values, boundary_order, null_counts }
}

/** Sizes of a page, with its header, and its number of rows, by its repetition levels. */
export function readPage(bytes: Buffer, { meta_data }: ColumnChunk, offset: bigint) {
  const reader = { view: viewOf(bytes, Number(offset), bytes.length - Number(offset)), offset: 0 }
  const {
    field_1: type,
    field_2: uncompressed,
    field_3: compressed,
    field_5: data,
  } = deserializeTCompactProtocol(reader)
  assert.equal(type, 0)
  const start = Number(offset) + reader.offset
  const body = Buffer.alloc(uncompressed)
  if (meta_data?.codec === 'SNAPPY') snappyUncompress(bytes.subarray(start, start + compressed), body)
  else bytes.copy(body, 0, start, start + compressed)
  const repetition = new Uint8Array(data.field_1)
  if (meta_data?.path_in_schema.includes('list'))
    readRleBitPackedHybrid({ view: viewOf(body, 0, body.length), offset: 0 }, 1, repetition)
  const sizes = { size: reader.offset + compressed, uncompressedSize: reader.offset + uncompressed }
  return { ...sizes, rows: repetition.filter(level => level === 0).length }
}

export function viewOf({ buffer, byteOffset }: Buffer, offset: number, length: number): DataView<ArrayBuffer> {
  return new DataView(buffer as ArrayBuffer, byteOffset + offset, length)
}
