import { gzip } from './gzip.ts'
import type { Random } from './random.ts'

/** `small`: a few hundred bytes; `real`: as large and as hard to compress as those of the archive. */
export type StampSize = 'small' | 'real'

const BLOCK = 2880
const CARD = 80
/** Fraction of real stamps that contain NaN pixels. */
const WITH_NAN = 0.127
/** Approximate fraction of real stamps at the edge of a detector. */
const AT_EDGE = 0.03

/** Makes a stamp of noise: gzipped FITS with 32-bit floats, like an alert's cutouts. */
export function makeStamp(size: StampSize, random: Random): Buffer {
  if (size === 'small') return gzip(Buffer.concat([headerCards(5, 5), pixels(5, 5, random)]))
  const height = random.chance(AT_EDGE) ? random.int(20, 62) : 63
  return gzip(Buffer.concat([padded(headerCards(63, height), ' '), padded(pixels(63, height, random), '\0')]), {
    level: 1,
  })
}

/** A star or galaxy: offsets from the centre and width (sigma) in pixels, and peak in DN. */
export interface Source {
  readonly x: number
  readonly y: number
  readonly sigma: number
  readonly peak: number
}

/** Draws a stamp with sources on a sky background. The leftmost `hole` columns are NaN. */
export function drawStamp(
  sources: readonly Source[],
  sky: number,
  random: Random,
  [width, height, hole] = [63, 63, 0],
): Buffer {
  const bytes = Buffer.alloc(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) - (width - 1) / 2, Math.floor(i / width) - (height - 1) / 2]
    const light = sources.reduce((sum, source) => sum + brightness(source, x, y), 0)
    bytes.writeFloatBE(i % width < hole ? Number.NaN : random.noise(sky + light, 4), i * 4)
  }
  return gzip(Buffer.concat([padded(headerCards(width, height), ' '), padded(bytes, '\0')]), { level: 6 })
}

function brightness(source: Source, x: number, y: number): number {
  const [dx, dy] = [(x - source.x) / source.sigma, (y - source.y) / source.sigma]
  return source.peak * Math.exp(-(dx * dx + dy * dy) / 2)
}

function headerCards(width: number, height: number): Buffer {
  const values = { SIMPLE: 'T', BITPIX: '-32', NAXIS: '2', NAXIS1: width, NAXIS2: height }
  const cards = Object.entries(values).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`)
  return Buffer.from([...cards, 'END'].map(card => card.padEnd(CARD)).join(''), 'latin1')
}

function pixels(width: number, height: number, random: Random): Buffer {
  const bytes = Buffer.alloc(width * height * 4)
  const hole = random.chance(WITH_NAN) ? random.int(1, width) : 0
  for (let i = 0; i < width * height; i++)
    bytes.writeFloatBE(i % width < hole ? Number.NaN : random.noise(180, 9), i * 4)
  return bytes
}

function padded(bytes: Buffer, fill: string): Buffer {
  const size = Math.ceil(bytes.length / BLOCK) * BLOCK
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length, fill)])
}
