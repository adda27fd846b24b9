import { encode } from 'fast-png'
import { type FitsImage, readFits } from './fits.ts'

/** One of an alert's three images, or the reason why it cannot be shown. */
export interface Stamp {
  readonly name: StampName
  readonly image: StampImage | string
}

export interface StampImage {
  readonly width: number
  readonly height: number
  /** Pixel values drawn as black (low) and as white (high), in DN. */
  readonly range: readonly [low: number, high: number]
  /** Number of pixels without a value. */
  readonly blankPixels: number
  readonly png: Uint8Array
}

export const STAMPS = ['Science', 'Template', 'Difference'] as const
export type StampName = (typeof STAMPS)[number]

/** Blue for pixels without a value, because all other pixels are grey. */
const BLANK_RGB = [94, 129, 172]

/** Black level and minimum white level, in sigma below and above the sky. */
const [BLACK_SIGMA, MIN_WHITE_SIGMA] = [2, 10]
/** Minimum white level of a difference image, in sigma above 0. */
const MIN_WHITE_SIGMA_DIFFERENCE = 5
/** Minimum fraction of pixels at or below the white level. */
const UNSATURATED = 0.997
/** Level in sigma above black at which the asinh stretch turns from roughly linear to roughly logarithmic. */
const SOFTENING_SIGMA = 3
/** Ratio of the sigma of a Gaussian to its median absolute deviation. */
const SIGMA_PER_MAD = 1.4826

/** Draws a stamp from gzipped FITS. If that fails, `image` is the reason. */
export function readStamp(name: StampName, fits: Uint8Array | null): Stamp {
  if (!fits) return { name, image: 'not in the alert' }
  try {
    return { name, image: drawPixels(readFits(fits), name === 'Difference') }
  } catch (error) {
    return { name, image: `cannot be drawn: ${(error as Error).message}` }
  }
}

/**
 * Draws pixels in grey, with a linear stretch around 0 for a difference image and an asinh stretch for other images.
 * The first row is at the top, so that north is up.
 */
function drawPixels({ width, height, pixels }: FitsImage, isDifference: boolean): StampImage {
  const { range, grey } = isDifference ? linear(pixels) : asinh(pixels)
  const data = new Uint8Array(width * height * 3)
  for (const [i, value] of pixels.entries()) data.set(rgbOf(value, range, grey), i * 3)
  const blankPixels = pixels.filter(Number.isNaN).length
  return { width, height, range, blankPixels, png: encode({ width, height, data, channels: 3 }) }
}

interface Stretch {
  readonly range: StampImage['range']
  /** Maps a value within the range to a grey level from 0 to 1. */
  readonly grey: (value: number) => number
}

function asinh(pixels: Float64Array): Stretch {
  const sky = quantile(pixels, 0.5)
  const sigma = robustSigma(pixels.map(value => value - sky))
  const low = sky - BLACK_SIGMA * sigma
  const high = Math.max(sky + MIN_WHITE_SIGMA * sigma, quantile(pixels, UNSATURATED))
  const soft = SOFTENING_SIGMA * sigma || high - low
  return { range: [low, high], grey: value => Math.asinh((value - low) / soft) / Math.asinh((high - low) / soft) }
}

function linear(pixels: Float64Array): Stretch {
  const high = Math.max(MIN_WHITE_SIGMA_DIFFERENCE * robustSigma(pixels), quantile(pixels.map(Math.abs), UNSATURATED))
  return { range: [-high, high], grey: value => (value + high) / (2 * high) }
}

function rgbOf(value: number, [low, high]: StampImage['range'], grey: Stretch['grey']): ArrayLike<number> {
  if (Number.isNaN(value)) return BLANK_RGB
  const fraction = high > low ? grey(Math.min(high, Math.max(low, value))) : 0.5
  return new Uint8Array(3).fill(Math.round(255 * fraction))
}

/** Standard deviation estimated from the median deviation, so that outliers such as stars hardly change it. */
function robustSigma(deviations: Float64Array): number {
  return SIGMA_PER_MAD * quantile(deviations.map(Math.abs), 0.5)
}

/** Quantile of the finite pixels; 0 if there are none. */
function quantile(pixels: Float64Array, fraction: number): number {
  const sorted = pixels.filter(Number.isFinite).sort()
  return sorted[Math.round(fraction * (sorted.length - 1))] ?? 0
}
