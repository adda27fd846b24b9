export type Vector = readonly [x: number, y: number, z: number]

/** Degrees and arcseconds, in radians. */
export const DEGREE = Math.PI / 180
export const ARCSEC = DEGREE / 3600

/** Unit vector of a position in degrees. */
export function unitVector(ra: number, dec: number): Vector {
  const radius = Math.cos(dec * DEGREE)
  return [radius * Math.cos(ra * DEGREE), radius * Math.sin(ra * DEGREE), Math.sin(dec * DEGREE)]
}

/** Angle between two vectors in radians. The arc cosine of the dot product would be inaccurate for small angles. */
export function angle(a: Vector, b: Vector): number {
  const cross = Math.hypot(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
  return Math.atan2(cross, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
}
