import { ARCSEC, DEGREE } from '../../lib/sky/sphere.ts'
import type { Random } from '../../lib/synthetic/random.ts'

/** Circle on the sky: position in degrees, radius in arcsec. */
export interface Cone {
  readonly ra: number
  readonly dec: number
  readonly radius: number
}

/** A cone anywhere, or, as likely, near a border of base pixels, near RA 0, or at or around a pole. */
export function randomCone(random: Random): Cone {
  const { ra, dec } = random.pick([anywhere, nearMeridian, nearCap, nearPole])(random)
  return { ra, dec, radius: randomRadius(random) }
}

export function anywhere(random: Random) {
  return { ra: random.between(0, 360), dec: Math.asin(random.between(-1, 1)) / DEGREE }
}

/** A multiple of 45 degrees in right ascension, or near it. */
function nearMeridian(random: Random) {
  const ra = 45 * random.int(0, 7) + random.pick([0, random.between(-1e-13, 1e-13), random.between(-0.01, 0.01)])
  return { ra: (ra + 360) % 360, dec: anywhere(random).dec }
}

/** Near the border between the equatorial belt and a polar cap. */
function nearCap(random: Random) {
  const cap = Math.asin(2 / 3) / DEGREE
  return { ra: random.between(0, 360), dec: random.pick([-1, 1]) * (cap + random.between(-0.01, 0.01)) }
}

function nearPole(random: Random) {
  const distance = random.pick([0, random.between(0, 1e-6), random.between(0, 0.01), random.between(0, 0.5)])
  return { ra: random.between(0, 360), dec: random.pick([-1, 1]) * (90 - distance) }
}

/** From 1e-4 to 3,610 arcsec; the logarithm is distributed evenly, except that large radii are rare. */
function randomRadius(random: Random): number {
  return random.chance(0.02) ? random.between(600, 3610) : 10 ** random.between(-4, 2.5)
}

/** A random point in a cone, often at its edge. */
export function pointInCone(random: Random, { ra, dec, radius }: Cone): { ra: number; dec: number } {
  const distance = radius * ARCSEC * random.pick([1 - 1e-9, Math.sqrt(random.next())])
  const bearing = random.between(0, 2 * Math.PI)
  const [north, east] = [Math.sin(distance) * Math.cos(bearing), Math.sin(distance) * Math.sin(bearing)]
  const [sinDec, cosDec] = [Math.sin(dec * DEGREE), Math.cos(dec * DEGREE)]
  // In a frame whose x axis has the right ascension of the cone's centre.
  const x = Math.cos(distance) * cosDec - north * sinDec
  const z = Math.cos(distance) * sinDec + north * cosDec
  return { ra: ra + Math.atan2(east, x) / DEGREE, dec: Math.atan2(z, Math.hypot(x, east)) / DEGREE }
}
