import { gunzipSync } from 'node:zlib'

/** Pixels of a FITS image in file order: the first row first. A pixel without a value is NaN. */
export interface FitsImage {
  readonly width: number
  readonly height: number
  readonly pixels: Float64Array
}

const CARD_BYTES = 80
const BLOCK_BYTES = 2880
/** Limits the memory that a corrupt stamp can use; real ones are far smaller. */
const MAX_INFLATED_BYTES = 64 << 20

/** ZTF's templates have -3.4e38 instead of NaN where the reference image ends; no real pixel is that large. */
const MAX_VALUE = 1e30

/** Pixel readers by BITPIX; FITS is big-endian. */
const READERS: Record<number, (bytes: DataView, offset: number) => number> = {
  8: (bytes, offset) => bytes.getUint8(offset),
  16: (bytes, offset) => bytes.getInt16(offset),
  32: (bytes, offset) => bytes.getInt32(offset),
  [-32]: (bytes, offset) => bytes.getFloat32(offset),
  [-64]: (bytes, offset) => bytes.getFloat64(offset),
}

/**
 * Reads the primary image of a gzipped FITS file, which is what a stamp is.
 * @throws Error if it is not gzipped FITS, or has fewer pixels than its header states
 */
export function readFits(gzipped: Uint8Array): FitsImage {
  const bytes = inflate(gzipped)
  const { cards, end } = parseHeader(bytes)
  const { NAXIS1: width = 0, NAXIS2: height = 0, BITPIX: bits = 0, BSCALE: scale = 1, BZERO: zero = 0 } = cards
  const read = READERS[bits]
  if (!read || !(width > 0) || !(height > 0))
    throw new Error(`its header states ${width} x ${height} pixels of ${bits} bits`)
  const pixelBytes = Math.abs(bits) / 8
  const view = dataOf(bytes, end, width * height * pixelBytes)
  if (!view) throw new Error(`it ends before the last of its ${width} x ${height} pixels`)
  const pixels = Float64Array.from({ length: width * height }, (_, i) => read(view, i * pixelBytes) * scale + zero)
  return { width, height, pixels: pixels.map(value => (Math.abs(value) > MAX_VALUE ? Number.NaN : value)) }
}

function inflate(gzipped: Uint8Array): Buffer {
  try {
    return gunzipSync(gzipped, { maxOutputLength: MAX_INFLATED_BYTES })
  } catch (error) {
    throw new Error(`it is not gzipped: ${(error as Error).message}`)
  }
}

/** The header's numbers by keyword, and the offset of its end. */
function parseHeader(bytes: Buffer): { cards: Record<string, number>; end: number } {
  const cards: Record<string, number> = {}
  for (let offset = 0; offset + CARD_BYTES <= bytes.length; offset += CARD_BYTES) {
    const card = bytes.toString('latin1', offset, offset + CARD_BYTES)
    const keyword = card.slice(0, 8).trim()
    if (offset === 0 && keyword !== 'SIMPLE') break
    if (keyword === 'END') return { cards, end: offset + CARD_BYTES }
    if (card[8] === '=') cards[keyword] = Number(card.slice(10).split('/')[0])
  }
  throw new Error('it has no FITS header')
}

/** The data after the header; undefined if there are too few bytes. A file may lack the padding of header and data. */
function dataOf(bytes: Buffer, headerEnd: number, size: number): DataView | undefined {
  const padded = Math.ceil(headerEnd / BLOCK_BYTES) * BLOCK_BYTES
  const start = padded + size <= bytes.length ? padded : headerEnd
  return start + size <= bytes.length ? new DataView(bytes.buffer, bytes.byteOffset + start, size) : undefined
}
