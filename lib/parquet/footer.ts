import { codecId } from './codecs.ts'
import type { ColumnChunk } from './column-chunk.ts'
import { type Page, PLAIN, RLE } from './pages.ts'
import type { FinishedRowGroup } from './row-group.ts'
import { isLeaf, TYPES } from './schema.ts'
import { serialize, type ThriftStruct } from './thrift.ts'

/** Offset and length in the file, in bytes. */
export interface Position {
  readonly offset: number
  readonly length: number
}

/** A column chunk and its place in the file. The positions of its indexes and Bloom filter, if any, are set later. */
export interface WrittenChunk {
  readonly chunk: ColumnChunk
  readonly offset: number
  offsetIndex?: Position
  columnIndex?: Position
  bloomFilter?: Position
}

export interface WrittenRowGroup extends Pick<FinishedRowGroup, 'rows' | 'schema'> {
  readonly chunks: readonly WrittenChunk[]
}

export const MAGIC = Buffer.from('PAR1')

const FORMAT_VERSION = 1
/** Thrift's header of a list: the number of elements, and their type, in four bits each. */
const EMPTY_LIST_OF_STRUCTS = 0x0c

/**
 * Encodes the end of a file: the footer, its length and the magic bytes.
 *
 * FileMetaData has version, schema, num_rows, row_groups, key_value_metadata, created_by and column_orders.
 */
export function encodeFooter(
  schema: readonly ThriftStruct[],
  rowGroups: readonly WrittenRowGroup[],
  createdBy: string,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }))
  const start = {
    field_1: FORMAT_VERSION,
    field_2: schema,
    field_3: BigInt(rowGroups.reduce((sum, { rows }) => sum + rows, 0)),
  }
  const footer = serialize({
    ...start,
    field_4: rowGroups.map(rowGroup),
    field_5: pairs.length > 0 ? pairs : undefined,
    field_6: createdBy,
    // TypeDefinedOrder for every column: without it, readers ignore min_value and max_value.
    field_7: schema.filter(isLeaf).map(() => ({ field_1: {} })),
  })
  // hyparquet-writer takes the type of a list from its elements. Readers expect the type of an empty list as well: it
  // follows the header of field_4, which is where the end of a struct with the first fields would be.
  if (rowGroups.length === 0) footer[serialize(start).length] = EMPTY_LIST_OF_STRUCTS
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([footer, length, MAGIC])
}

/** RowGroup: columns, total_byte_size, num_rows, file_offset (5) and total_compressed_size (6). */
function rowGroup({ rows, chunks }: WrittenRowGroup): ThriftStruct {
  const [first] = chunks
  return {
    field_1: chunks.map(columnChunk),
    field_2: BigInt(sum(chunks, page => page.uncompressedSize)),
    field_3: BigInt(rows),
    field_5: BigInt(first?.offset ?? 0),
    field_6: BigInt(sum(chunks, page => page.size)),
  }
}

/**
 * ColumnChunk: file_offset (2), meta_data, then offset and length of the OffsetIndex and of the ColumnIndex.
 *
 * ColumnMetaData: type, encodings, path_in_schema, codec, num_values, total_uncompressed_size, total_compressed_size,
 * data_page_offset (9), statistics (12), bloom_filter_offset (14) and bloom_filter_length (15).
 */
function columnChunk(written: WrittenChunk): ThriftStruct {
  const { chunk, offset, offsetIndex, columnIndex, bloomFilter } = written
  return {
    field_2: 0n,
    field_3: {
      field_1: TYPES[chunk.leaf.type],
      field_2: [PLAIN, RLE],
      field_3: chunk.path,
      field_4: codecId(chunk.codec),
      field_5: BigInt(sum([written], page => page.entries)),
      field_6: BigInt(sum([written], page => page.uncompressedSize)),
      field_7: BigInt(sum([written], page => page.size)),
      field_9: BigInt(offset),
      field_12: statistics(written),
      field_14: bloomFilter && BigInt(bloomFilter.offset),
      field_15: bloomFilter?.length,
    },
    field_4: offsetIndex && BigInt(offsetIndex.offset),
    field_5: offsetIndex?.length,
    field_6: columnIndex && BigInt(columnIndex.offset),
    field_7: columnIndex?.length,
  }
}

/** Statistics: null_count (3), max_value (5) and min_value (6). */
function statistics(written: WrittenChunk): ThriftStruct {
  const { range } = written.chunk
  return { field_3: BigInt(sum([written], page => page.nulls)), field_5: range?.max, field_6: range?.min }
}

function sum(chunks: readonly WrittenChunk[], value: (page: Page) => number): number {
  return chunks.reduce((all, { chunk }) => chunk.pages.reduce((sum, page) => sum + value(page), all), 0)
}
