import { plural } from '../core/units.ts'
import { formatUtc, jdToMjd, sexagesimal } from './astro.ts'
import type { ObjectData } from './find.ts'
import { BANDS, bandOf, isFainter } from './light-curve.ts'

/** A field of the alert as it is shown; some explanations have a line of their own, without a name. */
export interface ShownField {
  readonly name: string
  readonly value: string
  readonly description: string
}

/** The most important fields of the alert, without those that are missing. */
export function mainFields({ objectId, candid, candidate, alerts }: ObjectData): ShownField[] {
  const value = (field: string) => known(candidate[field])
  const number = (field: string, digits: number) => fixed(candidate[field], digits)
  const [ra, dec, jd] = [candidate.ra, candidate.dec, candidate.jd] as number[]
  const fields: [string, string | undefined, string][] = [
    ['objectId', objectId, `${plural(alerts, 'alert')} in the lake`],
    ['candid', String(candid), 'the alert of these fields and stamps'],
    ['ra, dec', list(number('ra', 6), number('dec', 6)), 'deg, J2000'],
    ['', isNumber(ra) && isNumber(dec) ? sexagesimal(ra, dec) : undefined, 'hours and degrees'],
    ['jd', number('jd', 5), isNumber(jd) ? `MJD ${jdToMjd(jd).toFixed(5)}, ${formatUtc(jd)} UTC` : ''],
    ['fid', bandOf(candidate.fid), 'band'],
    ['magpsf', withError(number('magpsf', 3), number('sigmapsf', 3)), `mag, ${direction(candidate.isdiffpos)}`],
    ['diffmaglim', number('diffmaglim', 2), '5 sigma limit'],
    ['drb', number('drb', 3), 'deep learning classifier: 0 bogus, 1 real'],
    ['rb', number('rb', 3), 'older classifier: 0 bogus, 1 real'],
    ['sgscore1', number('sgscore1', 3), 'nearest PS1 source: 0 galaxy, 1 star'],
    ['distpsnr1', number('distpsnr1', 2), 'distance to it, arcsec'],
    ['sgmag1, srmag1, simag1', list(number('sgmag1', 2), number('srmag1', 2), number('simag1', 2)), 'its magnitudes'],
    ['magnr', number('magnr', 2), 'nearest source in the reference image'],
    ['ssnamenr', value('ssnamenr'), 'known solar system object nearby'],
    ['ssdistnr', value('ssnamenr') && number('ssdistnr', 1), 'distance to it, arcsec'],
    ['ndethist', value('ndethist'), `detections at this position so far, in ${value('ncovhist') ?? '?'} visits`],
    ['field, rcid', list(value('field'), value('rcid')), 'pointing and readout channel'],
    ['programid', value('programid'), '1 public, 2 partnership, 3 Caltech'],
  ]
  return fields.flatMap(([name, value, description]) => (value === undefined ? [] : [{ name, value, description }]))
}

/** One line about the source of the light curve. */
export function summary({ points, alerts, nights: [first, last] }: ObjectData): string {
  const counts = BANDS.flatMap(band => {
    const count = points.filter(point => point.kind === 'detection' && point.band === band).length
    return count > 0 ? [`${count} in ${band}`] : []
  })
  const dates = first === last ? `night ${first}` : `nights ${first} to ${last}`
  return `${plural(alerts, 'alert')} in the lake, ${dates}; detections, including earlier ones listed in the alerts: ${
    counts.join(', ') || 'none'
  }`
}

/** The position in hours and degrees, then in degrees; empty if the alert has none. */
export function formatPosition({ candidate: { ra, dec } }: ObjectData): string[] {
  return isNumber(ra) && isNumber(dec) ? [sexagesimal(ra, dec), `${ra.toFixed(6)}, ${dec.toFixed(6)}`] : []
}

/** Joins values; a missing one is a dash, so that the others keep their place. */
function list(...values: (string | undefined)[]): string | undefined {
  return values.some(Boolean) ? values.map(value => value ?? '–').join(', ') : undefined
}

function withError(value: string | undefined, error: string | undefined): string | undefined {
  return value && error ? `${value} ± ${error}` : value
}

function direction(isdiffpos: unknown): string {
  return `${isFainter(isdiffpos) ? 'fainter' : 'brighter'} than the reference`
}

function fixed(value: unknown, digits: number): string | undefined {
  return known(value) !== undefined && isNumber(value) ? value.toFixed(digits) : undefined
}

/** A value as text; undefined if missing, which the archive writes as null, -999 or "null". */
function known(value: unknown): string | undefined {
  return value === null || value === undefined || value === -999 || value === 'null' ? undefined : String(value)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
