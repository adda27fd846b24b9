import { ARCSEC, angle, unitVector } from './sphere.ts'

/** Position in degrees. */
export interface Position {
  readonly ra: number
  readonly dec: number
}

const MAX_RADIUS = 3600

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const SEXAGESIMAL = /^([+-]?)(\d{1,3})([: ])(\d{1,2})\3(\d{1,2}(?:\.\d*)?)$/
/** Sexagesimal with marks instead of colons. */
const HOURS = /^([+-]?\d+)h ?(\d+)m ?([\d.]+)s$/
const DEGREES = /^([+-]?\d+)[d°] ?(\d+)[m′'] ?([\d.]+)[s″"]$/

/**
 * Parses a right ascension in degrees, or in hours, minutes and seconds.
 * @returns degrees, from 0 to less than 360
 * @throws Error if it is malformed or out of range
 */
export function parseRa(text: string, name: string): number {
  const ra = parseAngle(text, HOURS, 15)
  if (ra === undefined) throw unexpected(text, name, 'degrees such as 217.5, or hours such as 14:30:00')
  if (ra < 0 || ra >= 360) throw unexpected(text, name, 'at least 0, and less than 360 degrees or 24 hours')
  return ra
}

/**
 * Parses a declination in degrees, or in degrees, minutes and seconds.
 * @returns degrees, from -90 to 90
 * @throws Error if it is malformed or out of range
 */
export function parseDec(text: string, name: string): number {
  const dec = parseAngle(text, DEGREES, 1)
  if (dec === undefined) throw unexpected(text, name, 'degrees such as -5.21 or -05:12:36')
  if (Math.abs(dec) > 90) throw unexpected(text, name, 'degrees from -90 to 90')
  return dec
}

/**
 * Parses the radius of a cone in arcsec.
 * @throws Error if it is malformed, not positive or more than a degree
 */
export function parseRadius(text: string, name: string): number {
  const radius = DECIMAL.test(text) ? Number(text) : Number.NaN
  if (radius > 0 && radius <= MAX_RADIUS) return radius
  throw unexpected(text, name, `arcsec such as 2.5, more than 0 and at most ${MAX_RADIUS}`)
}

/** Angle between two positions, in arcsec. */
export function separation(a: Position, b: Position): number {
  return angle(unitVector(a.ra, a.dec), unitVector(b.ra, b.dec)) / ARCSEC
}

/** Parses decimal degrees, or a sexagesimal angle whose units have `unit` degrees; undefined if it is malformed. */
function parseAngle(text: string, marked: RegExp, unit: number): number | undefined {
  const plain = text.trim().replace('\u2212', '-').replace(/\s+/g, ' ').replace(marked, '$1:$2:$3')
  // Adding 0 turns -0 into 0.
  if (DECIMAL.test(plain)) return Number(plain) + 0
  const [, sign, units, , minutes, seconds] = SEXAGESIMAL.exec(plain) ?? []
  if (units === undefined || Number(minutes) >= 60 || Number(seconds) >= 60) return undefined
  const value = ((Number(units) * 3600 + Number(minutes) * 60 + Number(seconds)) * unit) / 3600
  return (sign === '-' ? -value : value) + 0
}

function unexpected(text: string, name: string, expected: string): Error {
  return new Error(`${name} is '${text}': expected ${expected}`)
}
