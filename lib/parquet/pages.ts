import { freeBuffer } from '../core/buffers.ts'
import { type Codec, compress } from './codecs.ts'
import { KEPT_BYTES, type LeafColumn } from './columns.ts'
import { bitWidth, encodeLevels, maxEncodedBytes } from './levels.ts'
import { type Range, rangeOf } from './statistics.ts'
import { serialize } from './thrift.ts'

/** A data page (version 1) of a column chunk. */
export interface Page {
  /** Header, levels and values, in this order; emptied when they are written. */
  readonly parts: Uint8Array[]
  /** Sizes in bytes, including the header. */
  readonly size: number
  readonly uncompressedSize: number
  /** Index of the first row in the row group. */
  readonly firstRow: number
  readonly entries: number
  readonly nulls: number
  readonly range: Range | undefined
  /** Buffer of the last part if it was the leaf's own. Pass it to `reuse` once it is written. */
  readonly buffer: Uint8Array<ArrayBuffer> | undefined
}

/** Numbers of the specification: PageType.DATA_PAGE, and the Encodings of the values and of the levels. */
const DATA_PAGE = 0
export const PLAIN = 0
export const RLE = 3

/** Levels of the current page, and its values if they fit. */
let scratch = new Uint8Array(KEPT_BYTES)
/** Buffers of written pages, to be filled again: new memory costs a page fault per 4 KiB. */
const unused: Uint8Array<ArrayBuffer>[] = []

/** Keeps the buffer of a written page for another page, or frees it if it is large. */
export function reuse(buffer: Uint8Array<ArrayBuffer>): void {
  if (buffer.length <= KEPT_BYTES) unused.push(buffer)
  else freeBuffer(buffer.buffer)
}

/**
 * Encodes the values that a leaf holds as a page, and empties the leaf.
 *
 * @param start first entry of the page; `end` is the one after the last. Their definition levels must be complete
 */
export function encodePage(leaf: LeafColumn, start: number, end: number, firstRow: number, codec: Codec): Page {
  const entries = end - start
  const nulls = entries - leaf.countValues(start, end)
  const range = rangeOf(leaf.type, leaf.bytes, leaf.length)
  const levels = encodeAllLevels(leaf, start, end)
  const page = { firstRow, entries, nulls, range }
  // Uncompressed values are written from the leaf's own buffer, which saves a copy, unless most of it is empty.
  if (codec === 'none' && leaf.type !== 'boolean' && leaf.length * 4 > leaf.bytes.length) {
    const { length } = leaf
    const buffer = leaf.replaceBuffer(unused.pop() ?? new Uint8Array(Math.min(leaf.bytes.length, KEPT_BYTES)))
    return assemble(page, levels + length, [scratch.slice(0, levels), buffer.subarray(0, length)], buffer)
  }
  const body = withValues(leaf, levels)
  leaf.truncate(0)
  return assemble(page, body.length, [compress(codec, body)], undefined)
}

/**
 * Creates a page from its body.
 *
 * PageHeader has type, uncompressed_page_size, compressed_page_size and data_page_header (5). DataPageHeader has
 * num_values, encoding, definition_level_encoding and repetition_level_encoding.
 */
function assemble(
  page: Pick<Page, 'firstRow' | 'entries' | 'nulls' | 'range'>,
  uncompressed: number,
  body: readonly Uint8Array[],
  buffer: Page['buffer'],
): Page {
  const compressed = body.reduce((sum, part) => sum + part.length, 0)
  const header = serialize({
    field_1: DATA_PAGE,
    field_2: uncompressed,
    field_3: compressed,
    field_5: { field_1: page.entries, field_2: PLAIN, field_3: RLE, field_4: RLE },
  })
  const size = header.length + compressed
  return { ...page, parts: [header, ...body], size, uncompressedSize: header.length + uncompressed, buffer }
}

/** Encodes a page's repetition and definition levels at the start of `scratch`; returns their size. */
function encodeAllLevels({ entries, definition, definedLevel }: LeafColumn, start: number, end: number): number {
  const [repetitionWidth, definitionWidth] = [bitWidth(entries.maxRepetition), bitWidth(definedLevel)]
  const room = maxEncodedBytes(end - start, repetitionWidth) + maxEncodedBytes(end - start, definitionWidth)
  if (room > scratch.length) scratch = new Uint8Array(room)
  const repetition = entries.repetition.subarray(start, end)
  const offset = repetitionWidth > 0 ? encodeLevels(repetition, repetitionWidth, scratch, 0) : 0
  return encodeLevels(definition.subarray(start, end), definitionWidth, scratch, offset)
}

/** Returns a page's uncompressed body: the levels in `scratch`, then the values. The next page may overwrite it. */
function withValues(leaf: LeafColumn, levels: number): Uint8Array {
  const values = leaf.type === 'boolean' ? packedBooleans(leaf) : leaf.bytes.subarray(0, leaf.length)
  const length = levels + values.length
  if (length > KEPT_BYTES) return Buffer.concat([scratch.subarray(0, levels), values])
  scratch.set(values, levels)
  return scratch.subarray(0, length)
}

/** Packs booleans eight to a byte, lowest bit first. */
function packedBooleans({ bytes, length }: LeafColumn): Uint8Array {
  const packed = new Uint8Array(Math.ceil(length / 8))
  for (let i = 0; i < length; i++) packed[i >> 3] = (packed[i >> 3] as number) | ((bytes[i] as number) << (i & 7))
  return packed
}
