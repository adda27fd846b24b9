import { freeBuffer } from '../core/buffers.ts'
import { type Codec, compress } from './codecs.ts'
import { KEPT_BYTES, type LeafColumn } from './columns.ts'
import { bitWidth, encodeLevels, maxEncodedBytes } from './levels.ts'
import { type Range, rangeOf } from './statistics.ts'
import { serialize } from './thrift.ts'

/** A data page (version 1) of a column chunk. */
export interface Page {
  /** Header, levels and values, in this order; empty once they are written. */
  readonly parts: Uint8Array[]
  /** Sizes in bytes, with the header. */
  readonly size: number
  readonly uncompressedSize: number
  /** Index in the row group of the first row. */
  readonly firstRow: number
  readonly entries: number
  readonly nulls: number
  readonly range: Range | undefined
  /** The last part if it is the leaf's own buffer, to be given back to `reuse` once it is written. */
  readonly buffer: Uint8Array<ArrayBuffer> | undefined
}

/** Numbers of the specification: PageType.DATA_PAGE, and the Encodings of the values and of the levels. */
const DATA_PAGE = 0
export const PLAIN = 0
export const RLE = 3

let scratch = new Uint8Array(KEPT_BYTES)
/** Buffers of pages that are written, for the next ones: fresh memory costs a page fault per 4 KiB. */
const unused: Uint8Array<ArrayBuffer>[] = []

/** Gives back the buffer of a written page. */
export function reuse(buffer: Uint8Array<ArrayBuffer>): void {
  if (buffer.length <= KEPT_BYTES) unused.push(buffer)
  else freeBuffer(buffer.buffer)
}

/**
 * Encodes the values that a leaf holds as a page, and empties the leaf.
 *
 * @param start first entry of the page, and `end` the one after the last. Their definition levels must be complete
 */
export function encodePage(leaf: LeafColumn, start: number, end: number, firstRow: number, codec: Codec): Page {
  const entries = end - start
  const nulls = entries - leaf.countValues(start, end)
  const range = rangeOf(leaf.type, leaf.bytes, leaf.length)
  const levels = encodeAllLevels(leaf, start, end)
  const page = { firstRow, entries, nulls, range }
  if (codec === 'none' && leaf.type !== 'boolean') {
    // Without a codec the values are written from where they lie.
    const { length } = leaf
    const buffer = leaf.replaceBuffer(unused.pop() ?? new Uint8Array(Math.min(leaf.bytes.length, KEPT_BYTES)))
    return assemble(page, levels + length, [scratch.slice(0, levels), buffer.subarray(0, length)], buffer)
  }
  const body = withValues(leaf, levels)
  leaf.truncate(0)
  return assemble(page, body.length, [compress(codec, body)], undefined)
}

/** Puts a page's header before its body. */
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
  const { maxRepetition, repetition } = entries
  const [repetitionWidth, definitionWidth] = [bitWidth(maxRepetition), bitWidth(definedLevel)]
  const room = maxEncodedBytes(end - start, repetitionWidth) + maxEncodedBytes(end - start, definitionWidth)
  if (room > scratch.length) scratch = new Uint8Array(room)
  const offset = maxRepetition > 0 ? encodeLevels(repetition, start, end, repetitionWidth, scratch, 0) : 0
  return encodeLevels(definition, start, end, definitionWidth, scratch, offset)
}

/** Returns the levels in `scratch` and the values behind them; the next page overwrites them. */
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
