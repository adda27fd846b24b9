import { gunzipSync } from 'node:zlib'

/** An image: `width` pixels a row, the first row first; a pixel without a value is NaN. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly pixels: Float64Array
}

const CARD = 80
const BLOCK = 2880
/** No stamp is larger, inflated; so none that is damaged asks for more memory. */
const MOST_BYTES = 64 << 20

/** ZTF's template cutouts have -3.4e38 in place of NaN where the reference image ends; no sky is that bright, or dark. */
const NO_VALUE = 1e30

/** How a pixel of each BITPIX is read; big-endian, all of them. */
const READERS: Record<number, (bytes: DataView, at: number) => number> = {
  8: (bytes, at) => bytes.getUint8(at),
  16: (bytes, at) => bytes.getInt16(at),
  32: (bytes, at) => bytes.getInt32(at),
  [-32]: (bytes, at) => bytes.getFloat32(at),
  [-64]: (bytes, at) => bytes.getFloat64(at),
}

/**
 * The image of a gzip'd FITS file's first part, as a stamp is.
 * @throws Error in one sentence where the bytes are none, or hold fewer pixels than they state
 */
export function readFits(gzipped: Uint8Array): Image {
  const bytes = inflated(gzipped)
  const { cards, end } = header(bytes)
  const [width, height] = [number(cards, 'NAXIS1'), number(cards, 'NAXIS2')]
  const [bits, scale, zero] = [number(cards, 'BITPIX'), number(cards, 'BSCALE', 1), number(cards, 'BZERO', 0)]
  const read = READERS[bits]
  const [size, start] = [Math.abs(bits) / 8, Math.ceil(end / BLOCK) * BLOCK]
  if (!read || !(width > 0) || !(height > 0))
    throw new Error(`its header states ${width} x ${height} pixels of ${bits} bits`)
  // Whoever pads no header pads no data either.
  const from = start + width * height * size <= bytes.length ? start : end
  if (from + width * height * size > bytes.length)
    throw new Error(`it ends before the last of its ${width} x ${height} pixels`)
  const view = new DataView(bytes.buffer, bytes.byteOffset + from)
  const pixels = Float64Array.from({ length: width * height }, (_, i) => read(view, i * size) * scale + zero)
  return { width, height, pixels: pixels.map(value => (Math.abs(value) > NO_VALUE ? Number.NaN : value)) }
}

function inflated(gzipped: Uint8Array): Buffer {
  try {
    return gunzipSync(gzipped, { maxOutputLength: MOST_BYTES })
  } catch (error) {
    throw new Error(`it does not inflate: ${(error as Error).message}`)
  }
}

/** The header's cards by their keyword, and where it ends. */
function header(bytes: Buffer): { cards: Map<string, string>; end: number } {
  const cards = new Map<string, string>()
  for (let at = 0; at + CARD <= bytes.length; at += CARD) {
    const card = bytes.toString('latin1', at, at + CARD)
    const keyword = card.slice(0, 8).trim()
    if (at === 0 && keyword !== 'SIMPLE') break
    if (keyword === 'END') return { cards, end: at + CARD }
    if (card[8] === '=') cards.set(keyword, card.slice(10).split('/')[0]?.trim() ?? '')
  }
  throw new Error('it has no header as FITS has')
}

function number(cards: Map<string, string>, keyword: string, standard?: number): number {
  return Number(cards.get(keyword) ?? standard)
}
