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
  /** What is black and what is white, in DN. */
  readonly range: readonly [low: number, high: number]
  /** Pixels without a value. */
  readonly missing: number
  readonly png: Uint8Array
}

export const STAMPS = ['Science', 'Template', 'Difference'] as const
export type StampName = (typeof STAMPS)[number]

/** What stands for a pixel without a value, as no grey does. */
export const MISSING = [94, 129, 172] as const

/** So many sigma of the sky are black below it, and at least so many are white above. */
const [BLACK, WHITE, WHITE_IN_DIFFERENCE] = [2, 10, 5]
/** Up to so many sigma the stretch is about linear, above about logarithmic. */
const SOFTENING = 3
/** From the median deviation of a Gaussian to its sigma. */
const SIGMAS = 1.4826
/** The share of pixels that are not brighter than white. */
const BRIGHTEST = 0.997

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
 * The image in grey, asinh above the sky and its noise. A difference is linear, and 0 the middle grey.
 * The first row comes first: that is north, as in the pictures of ZTF's brokers.
 */
export function draw({ width, height, pixels }: Image, isDifference: boolean): Picture {
  const { range, grey } = isDifference ? linear(pixels) : asinh(pixels)
  const data = new Uint8Array(width * height * 3)
  for (const [i, value] of pixels.entries()) data.set(colour(value, range, grey), i * 3)
  const missing = pixels.filter(Number.isNaN).length
  return { width, height, range, missing, png: encode({ width, height, data, channels: 3 }) }
}

interface Stretch {
  readonly range: Picture['range']
  /** The grey, 0 to 1, of a value within the range. */
  readonly grey: (value: number) => number
}

function asinh(pixels: Float64Array): Stretch {
  const sky = quantile(pixels, 0.5)
  const noise =
    SIGMAS *
    quantile(
      pixels.map(value => Math.abs(value - sky)),
      0.5,
    )
  const [low, high] = [sky - BLACK * noise, Math.max(sky + WHITE * noise, quantile(pixels, BRIGHTEST))]
  const soft = SOFTENING * noise || high - low
  return { range: [low, high], grey: value => Math.asinh((value - low) / soft) / Math.asinh((high - low) / soft) }
}

function linear(pixels: Float64Array): Stretch {
  const sizes = pixels.map(Math.abs)
  const most = Math.max(WHITE_IN_DIFFERENCE * SIGMAS * quantile(sizes, 0.5), quantile(sizes, BRIGHTEST))
  return { range: [-most, most], grey: value => (value + most) / (2 * most) }
}

function colour(value: number, [low, high]: Picture['range'], grey: Stretch['grey']): ArrayLike<number> {
  if (Number.isNaN(value)) return MISSING
  const share = high > low ? grey(Math.min(high, Math.max(low, value))) : 0.5
  return new Uint8Array(3).fill(Math.round(255 * share))
}

/** The value below which that share of the pixels lies that have one. */
function quantile(pixels: Float64Array, share: number): number {
  const sorted = pixels.filter(Number.isFinite).sort()
  return sorted[Math.round(share * (sorted.length - 1))] ?? 0
}
