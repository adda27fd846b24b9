import { gzip } from './gzip.ts'
import type { Random } from './random.ts'

/** `small` stamps have a few hundred bytes; `real` stamps are as large and as compressible as the archive's. */
export type StampSize = 'small' | 'real'

/** Star or galaxy. `sigma` and the offsets `x` and `y` from the centre are in pixels; `peak` is in DN. */
export interface Source {
  readonly x: number
  readonly y: number
  readonly sigma: number
  readonly peak: number
}

const BLOCK = 2880
const CARD = 80
/** Width and height of a stamp in pixels. */
const SIDE = 63
/** Fraction of the archive's stamps that contain NaN pixels. */
const WITH_NAN = 0.127
/** Approximate fraction of the archive's stamps that are truncated at the edge of a detector. */
const AT_EDGE = 0.03

/** Makes a noise stamp: a gzipped FITS image with 32-bit float pixels, like an alert's cutouts. */
export function makeStamp(size: StampSize, random: Random): Buffer {
  const isReal = size === 'real'
  const width = isReal ? SIDE : 5
  const height = isReal && random.chance(AT_EDGE) ? random.int(20, SIDE - 1) : width
  const blankColumns = random.chance(WITH_NAN) ? random.int(1, width) : 0
  const data = pixels(width, height, x => (x < blankColumns ? Number.NaN : random.noise(180, 9)))
  if (isReal) return gzip(fits(width, height, data), { level: 1 })
  return gzip(Buffer.concat([headerCards(width, height), data]))
}

/** Draws a stamp with sources on a noisy sky background of `sky` DN. */
export function drawStamp(sources: readonly Source[], sky: number, random: Random): Buffer {
  const centre = (SIDE - 1) / 2
  const data = pixels(SIDE, SIDE, (x, y) => {
    const light = sources.reduce((sum, source) => sum + brightness(source, x - centre, y - centre), 0)
    return random.noise(sky + light, 4)
  })
  return gzip(fits(SIDE, SIDE, data))
}

function brightness(source: Source, x: number, y: number): number {
  const [dx, dy] = [(x - source.x) / source.sigma, (y - source.y) / source.sigma]
  return source.peak * Math.exp(-(dx * dx + dy * dy) / 2)
}

function pixels(width: number, height: number, value: (x: number, y: number) => number): Buffer {
  const bytes = Buffer.alloc(width * height * 4)
  for (let i = 0; i < width * height; i++) bytes.writeFloatBE(value(i % width, Math.floor(i / width)), i * 4)
  return bytes
}

function fits(width: number, height: number, data: Buffer): Buffer {
  return Buffer.concat([padded(headerCards(width, height), ' '), padded(data, '\0')])
}

function headerCards(width: number, height: number): Buffer {
  const values = { SIMPLE: 'T', BITPIX: '-32', NAXIS: '2', NAXIS1: width, NAXIS2: height }
  const cards = Object.entries(values).map(([key, value]) => `${key.padEnd(8)}= ${String(value).padStart(20)}`)
  return Buffer.from([...cards, 'END'].map(card => card.padEnd(CARD)).join(''), 'latin1')
}

function padded(bytes: Buffer, fill: string): Buffer {
  const size = Math.ceil(bytes.length / BLOCK) * BLOCK
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length, fill)])
}
