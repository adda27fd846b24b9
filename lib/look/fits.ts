import { gunzipSync } from 'node:zlib'

/** A FITS image with its pixels in file order, row by row. Pixels without a value are NaN. */
export interface FitsImage {
  readonly width: number
  readonly height: number
  readonly pixels: Float64Array
}

const CARD_BYTES = 80
const BLOCK_BYTES = 2880
/** Maximum size of a decompressed stamp in bytes, so that a corrupt one cannot exhaust memory. */
const MAX_INFLATED_BYTES = 64 << 20

/** Absolute value above which a pixel counts as missing. Templates have -3.4e38 outside the reference image. */
const MAX_VALUE = 1e30

/**
 * Reads a stamp, which is a gzipped FITS image with 32-bit float pixels.
 * @throws Error if it is not gzipped FITS, is truncated, or has a different pixel type
 */
export function readFits(gzipped: Uint8Array): FitsImage {
  const bytes = inflate(gzipped)
  const { cards, end } = parseHeader(bytes)
  const { NAXIS1: width = 0, NAXIS2: height = 0, BITPIX: bits = 0 } = cards
  if (bits !== -32 || !(width > 0) || !(height > 0))
    throw new Error(`its header states ${width} x ${height} pixels of ${bits} bits`)
  const start = Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES
  if (start + width * height * 4 > bytes.length)
    throw new Error(`it ends before the last of its ${width} x ${height} pixels`)
  const pixels = Float64Array.from({ length: width * height }, (_, i) => bytes.readFloatBE(start + i * 4))
  return { width, height, pixels: pixels.map(value => (Math.abs(value) > MAX_VALUE ? Number.NaN : value)) }
}

function inflate(gzipped: Uint8Array): Buffer {
  try {
    return gunzipSync(gzipped, { maxOutputLength: MAX_INFLATED_BYTES })
  } catch (error) {
    throw new Error(`it is not gzipped: ${(error as Error).message}`)
  }
}

/** Numeric header values by keyword, and the offset of the end of the header. */
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
