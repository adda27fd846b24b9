import { codecId } from './codecs.ts'
import type { ColumnChunk } from './column-chunk.ts'
import { PLAIN, RLE } from './pages.ts'
import type { FinishedRowGroup } from './row-group.ts'
import { TYPES } from './schema.ts'
import { serialize, type ThriftStruct } from './thrift.ts'

/** Offset and length in the file, in bytes. */
export interface Position {
  readonly offset: number
  readonly length: number
}

/** Where the parts of a column chunk lie in the file; the indexes and the Bloom filter are optional. */
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
/** Encodes the footer (FileMetaData) of at least one row group, with its length and the magic bytes at the file's end. */
export function encodeFooter(
  rowGroups: readonly WrittenRowGroup[],
  createdBy: string,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const [first] = rowGroups
  const pairs = Object.entries(metadata).map(([key, value]) => ({ field_1: key, field_2: value }))
  const footer = serialize({
    field_1: FORMAT_VERSION,
    field_2: first?.schema,
    field_3: BigInt(rowGroups.reduce((sum, { rows }) => sum + rows, 0)),
    field_4: rowGroups.map(rowGroup),
    field_5: pairs.length > 0 ? pairs : undefined,
    field_6: createdBy,
    // The order of each type is the one that the specification defines; without it readers ignore min and max.
    field_7: first?.chunks.map(() => ({ field_1: {} })),
  })
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  return Buffer.concat([footer, length, MAGIC])
}

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

function statistics(written: WrittenChunk): ThriftStruct {
  const { range } = written.chunk
  return { field_3: BigInt(sum([written], page => page.nulls)), field_5: range?.max, field_6: range?.min }
}

function sum(chunks: readonly WrittenChunk[], value: (page: ColumnChunk['pages'][number]) => number): number {
  return chunks.reduce((all, { chunk }) => chunk.pages.reduce((sum, page) => sum + value(page), all), 0)
}
