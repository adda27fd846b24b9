import { DEGREE, unitVector } from './sphere.ts'

/**
 * The galactic coordinate system of the IAU (1958) in J2000: position of its north pole, and galactic longitude of the
 * north celestial pole, in degrees (The Hipparcos and Tycho Catalogues, ESA SP-1200, volume 1, section 1.5.3).
 */
const POLE = { ra: 192.85948, dec: 27.12825 }
const CELESTIAL_POLE_LONGITUDE = 122.93192

/** Galactic coordinates of a position. All angles are in degrees; the longitude is from 0 to less than 360. */
export function galactic(ra: number, dec: number): { readonly l: number; readonly b: number } {
  // Equatorial vector, turned so that the galactic pole has right ascension 0.
  const [x, y, z] = unitVector(ra - POLE.ra, dec)
  const [sin, cos] = [Math.sin(POLE.dec * DEGREE), Math.cos(POLE.dec * DEGREE)]
  const angle = Math.atan2(y, z * cos - x * sin) / DEGREE
  const b = Math.atan2(z * sin + x * cos, Math.hypot(y, z * cos - x * sin)) / DEGREE
  return { l: (CELESTIAL_POLE_LONGITUDE - angle + 720) % 360, b }
}
