import { encode } from 'fast-png'
import { type Image, readFits } from './fits.ts'

/** One of an alert's three images, as it is shown: `shown` is a picture, or says why there is none. */
export interface Stamp {
  readonly name: StampName
  readonly shown: Picture | string
}

export interface Picture {
  readonly width: number
  readonly height: number
  /** The lowest and the highest pixel that differ in the picture, in DN. */
  readonly range: readonly [low: number, high: number]
  /** Pixels without a value. */
  readonly missing: number
  readonly png: Uint8Array
}

export const STAMPS = ['Science', 'Template', 'Difference'] as const
export type StampName = (typeof STAMPS)[number]

/** What stands for a pixel without a value, as no grey does. */
export const MISSING = [94, 129, 172] as const

/** Below this share of the range the stretch is about linear, above about logarithmic, as astropy's. */
const SOFTENING = 0.1

/** A stamp's picture from its gzip'd FITS; damage costs that picture alone. */
export function makeStamp(name: StampName, fits: Uint8Array | null): Stamp {
  if (!fits) return { name, shown: 'the alert has none' }
  try {
    return { name, shown: draw(readFits(fits), name === 'Difference') }
  } catch (error) {
    return { name, shown: `not to be drawn: ${(error as Error).message}` }
  }
}

/**
 * The image in grey, asinh from the 1st to the 99.7th percentile. A difference is linear, and 0 the middle grey.
 * The first row comes first: that is north, as in the pictures of ZTF's brokers.
 */
export function draw({ width, height, pixels }: Image, isDifference: boolean): Picture {
  const range = isDifference ? symmetric(pixels) : percentiles(pixels, 0.01, 0.997)
  const data = new Uint8Array(width * height * 3)
  for (const [i, value] of pixels.entries()) data.set(colour(value, range, isDifference), i * 3)
  const missing = pixels.filter(Number.isNaN).length
  return { width, height, range, missing, png: encode({ width, height, data, channels: 3 }) }
}

function colour(value: number, [low, high]: Picture['range'], isLinear: boolean): ArrayLike<number> {
  if (Number.isNaN(value)) return MISSING
  const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5
  return new Uint8Array(3).fill(Math.round(255 * (isLinear ? share : stretched(share))))
}

function stretched(share: number): number {
  return Math.asinh(share / SOFTENING) / Math.asinh(1 / SOFTENING)
}

function symmetric(pixels: Float64Array): Picture['range'] {
  const [most] = percentiles(pixels.map(Math.abs), 0.997, 1)
  return [-most, most]
}

/** The values below which so much of the pixels lies that have one. */
function percentiles(pixels: Float64Array, ...shares: [number, number]): [number, number] {
  const sorted = pixels.filter(Number.isFinite).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  return [at(shares[0]), at(shares[1])]
}
