import { DAY } from '../core/units.ts'

/** Days from the Julian date's beginning to the modified one's, and to that of Unix. */
const MJD = 2_400_000.5
const UNIX = 2_440_587.5

export function mjdOf(jd: number): number {
  return jd - MJD
}

/** The instant of a Julian date (UTC). */
export function dateOf(jd: number): Date {
  return new Date((jd - UNIX) * DAY)
}

export function jdOf(date: Date): number {
  return date.getTime() / DAY + UNIX
}

/** `2018-07-13 07:24:06` (UTC). */
export function showTime(jd: number): string {
  return dateOf(jd).toISOString().slice(0, 19).replace('T', ' ')
}

/** Right ascension and declination in hours and degrees: `04:14:22.03 -19:16:02.0`. */
export function sexagesimal(ra: number, dec: number): string {
  return `${parts(ra / 15, 2)} ${dec < 0 ? '-' : '+'}${parts(Math.abs(dec), 1)}`
}

/** Rounded as a whole, so that no 60 comes out. */
function parts(value: number, digits: number): string {
  const unit = 10 ** digits
  const all = Math.round(value * 3600 * unit)
  const seconds = ((all % (60 * unit)) / unit).toFixed(digits).padStart(3 + digits, '0')
  const [whole, minutes] = [Math.floor(all / (3600 * unit)), Math.floor(all / (60 * unit)) % 60]
  return `${String(whole).padStart(2, '0')}:${String(minutes).padStart(2, '0')}:${seconds}`
}
