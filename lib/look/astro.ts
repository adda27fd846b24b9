import { DAY, MJD_EPOCH } from '../core/units.ts'

/** The Unix epoch as a Julian date. */
const UNIX_EPOCH = 2_440_587.5

export function jdToMjd(jd: number): number {
  return jd - MJD_EPOCH
}

export function jdToDate(jd: number): Date {
  return new Date((jd - UNIX_EPOCH) * DAY)
}

export function mjdToDate(mjd: number): Date {
  return jdToDate(mjd + MJD_EPOCH)
}

/** Formats a Julian date as UTC: `2018-07-13 07:24:06`. */
export function formatUtc(jd: number): string {
  return jdToDate(jd).toISOString().slice(0, 19).replace('T', ' ')
}

/** Formats right ascension and declination, given in degrees, as sexagesimal: `04:14:22.03 -19:16:02.0`. */
export function sexagesimal(ra: number, dec: number): string {
  return `${base60(ra / 15, 2, 24)} ${dec < 0 ? '-' : '+'}${base60(Math.abs(dec), 1)}`
}

/**
 * Formats a value as `00:00:00`. Rounds it first, so that neither minutes nor seconds become 60, and a value that
 * rounds to `turn` becomes 0.
 */
function base60(value: number, digits: number, turn = Number.POSITIVE_INFINITY): string {
  const total = Number((value * 3600).toFixed(digits)) % (turn * 3600)
  const seconds = (total % 60).toFixed(digits).padStart(3 + digits, '0')
  return `${twoDigits(total / 3600)}:${twoDigits((total / 60) % 60)}:${seconds}`
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, '0')
}
