import { max_pixrad, order2nside, pix2vec_nest } from '@hscmap/healpix'
import { ARCSEC, angle, DEGREE, unitVector, type Vector } from './sphere.ts'

/** Order of the pixels: there are 12 * 4^13 = 805,306,368, of 26 arcsec by 26 arcsec. */
export const HEALPIX_ORDER = 13

/** Pixels along the edge of a base pixel. */
const NSIDE = 2 ** HEALPIX_ORDER
/** By order: the largest distance of a pixel's corner from its centre, in radians. */
const PIXEL_RADII = Array.from({ length: HEALPIX_ORDER + 1 }, (_, order) => max_pixrad(order2nside(order)))
/** Far more than the rounding errors of all functions here, in radians. */
const MARGIN = 0.01 * ARCSEC

/**
 * Nested HEALPix pixel of a position in degrees; null if it is not a position. The package's `ang2pix_nest` is not used:
 * if the right ascension is a multiple of 90 degrees, it can return a pixel far away. It is also five times slower.
 */
export function pixelOf(ra: number | null, dec: number | null): number | null {
  if (ra === null || dec === null || !Number.isFinite(ra) || !(Math.abs(dec) <= 90)) return null
  const z = Math.sin(dec * DEGREE)
  const turn = ra % 360
  const quarters = turn / 90 + (turn < 0 ? 4 : 0)
  return Math.abs(z) <= 2 / 3 ? equatorialPixel(z, quarters) : polarPixel(z, Math.cos(dec * DEGREE), quarters)
}

/** Pixel between the polar caps. It lies where two diagonal lines cross, one rising and one falling to the east. */
function equatorialPixel(z: number, quarters: number): number {
  const middle = NSIDE * (quarters + 0.5)
  const height = NSIDE * 0.75 * z
  // Just below 360 degrees, rounding can give 5 * NSIDE.
  const rising = Math.min(Math.trunc(middle - height), 5 * NSIDE - 1)
  const falling = Math.min(Math.trunc(middle + height), 5 * NSIDE - 1)
  const [a, b] = [rising >> HEALPIX_ORDER, falling >> HEALPIX_ORDER]
  const base = a === b ? a | 4 : a < b ? a : b + 8
  return nested(base, falling % NSIDE, NSIDE - 1 - (rising % NSIDE))
}

function polarPixel(z: number, cosDec: number, quarters: number): number {
  const column = Math.min(Math.trunc(quarters), 3)
  // The same as sqrt(3 * (1 - |z|)), but accurate at the pole.
  const distance = NSIDE * cosDec * Math.sqrt(3 / (1 + Math.abs(z)))
  const east = Math.min(Math.trunc((quarters - column) * distance), NSIDE - 1)
  const west = Math.min(Math.trunc((column + 1 - quarters) * distance), NSIDE - 1)
  return z > 0 ? nested(column, NSIDE - 1 - west, NSIDE - 1 - east) : nested(column + 8, east, west)
}

function nested(base: number, x: number, y: number): number {
  return base * NSIDE * NSIDE + spreadBits(x) + 2 * spreadBits(y)
}

/** Moves bit i of a 16-bit number to bit 2i. */
function spreadBits(value: number): number {
  let bits = (value | (value << 8)) & 0x00ff00ff
  bits = (bits | (bits << 4)) & 0x0f0f0f0f
  bits = (bits | (bits << 2)) & 0x33333333
  return (bits | (bits << 1)) & 0x55555555
}

/**
 * All nested pixels that overlap a cone, ascending, and some within 27 arcsec of it. The centre is in degrees, the
 * radius in arcsec; a cone of a degree has 62,000 pixels. The package's `query_disc_inclusive_nest` is not used:
 * it never ends if the edge of a cone crosses a ring of pixels exactly at the border of two base pixels.
 */
export function pixelsInCone(ra: number, dec: number, radius: number): number[] {
  const found: number[] = []
  const centre = unitVector(ra, dec)
  for (let base = 0; base < 12; base++) collect(found, 0, base, centre, radius * ARCSEC + MARGIN)
  return found
}

/** Adds the pixels of order 13 inside this pixel that may overlap the cone. */
function collect(found: number[], order: number, pixel: number, centre: Vector, radius: number): void {
  const distance = angle(pix2vec_nest(order2nside(order), pixel), centre)
  const pixelRadius = PIXEL_RADII[order] as number
  // Negated, so that a cone that is not a number has no pixels, rather than all.
  if (!(distance <= radius + pixelRadius)) return
  if (order === HEALPIX_ORDER || distance + pixelRadius < radius) addDescendants(found, order, pixel)
  else for (let child = 4 * pixel; child < 4 * pixel + 4; child++) collect(found, order + 1, child, centre, radius)
}

function addDescendants(found: number[], order: number, pixel: number): void {
  const count = 4 ** (HEALPIX_ORDER - order)
  for (let i = 0; i < count; i++) found.push(pixel * count + i)
}
