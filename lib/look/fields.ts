import { plural } from '../core/units.ts'
import { mjdOf, sexagesimal, showTime } from './astro.ts'
import type { ObjectData } from './find.ts'
import { BANDS, isFainter } from './light-curve.ts'
import type { Picture } from './stamps.ts'

/** One line of what is known of an alert: a name of the lake's, its value, and what it means. */
export type Fact = readonly [field: string, value: string, about: string]

/** The fields of the alert that people look at first; what is missing in it is left out. */
export function factsOf({ objectId, candid, candidate, alerts }: ObjectData): Fact[] {
  const value = (field: string) => known(candidate[field])
  const number = (field: string, digits: number) => fixed(candidate[field], digits)
  const [ra, dec, jd] = [candidate.ra, candidate.dec, candidate.jd] as number[]
  const facts: [string, string | undefined, string][] = [
    ['objectId', objectId, `${plural(alerts, 'alert')} here`],
    ['candid', String(candid), 'the alert that the stamps and these fields are of'],
    ['ra, dec', pair(number('ra', 6), number('dec', 6)), 'deg, J2000'],
    ['', isNumber(ra) && isNumber(dec) ? sexagesimal(ra, dec) : undefined, 'hours and degrees'],
    ['jd', number('jd', 5), isNumber(jd) ? `MJD ${mjdOf(jd).toFixed(5)}, ${showTime(jd)} UTC` : ''],
    ['fid', bandOf(candidate.fid), 'band'],
    ['magpsf', measured(number('magpsf', 3), number('sigmapsf', 3)), direction(candidate.isdiffpos)],
    ['diffmaglim', number('diffmaglim', 2), '5 sigma limit'],
    ['drb', number('drb', 3), 'deep learning: 0 bogus, 1 real'],
    ['rb', number('rb', 3), 'first classifier: 0 bogus, 1 real'],
    ['sgscore1', number('sgscore1', 3), 'nearest PS1 source: 0 galaxy, 1 star'],
    ['distpsnr1', number('distpsnr1', 2), 'arcsec to it'],
    ['sgmag1, srmag1, simag1', pair(number('sgmag1', 2), number('srmag1', 2), number('simag1', 2)), 'its magnitudes'],
    ['magnr', number('magnr', 2), 'nearest source of the reference image'],
    ['ssnamenr', value('ssnamenr'), 'known solar system object nearby'],
    ['ssdistnr', value('ssnamenr') && number('ssdistnr', 1), 'arcsec to it'],
    ['ndethist', value('ndethist'), `detections here so far, of ${value('ncovhist') ?? '?'} visits`],
    ['field, rcid', pair(value('field'), value('rcid')), 'pointing and readout channel'],
    ['programid', value('programid'), '1 public, 2 partnership, 3 Caltech'],
  ]
  return facts.flatMap(([field, value, about]) => (value === undefined ? [] : [[field, value, about] as const]))
}

/** Values side by side, a dash where one is missing, so that each stands in its place. */
function pair(...values: (string | undefined)[]): string | undefined {
  return values.some(Boolean) ? values.map(value => value ?? '–').join(', ') : undefined
}

function measured(value: string | undefined, error: string | undefined): string | undefined {
  return value && error ? `${value} ± ${error}` : value
}

function bandOf(fid: unknown): string | undefined {
  return BANDS[(fid as number) - 1]
}

function direction(isdiffpos: unknown): string {
  return `mag, ${isFainter(isdiffpos) ? 'fainter' : 'brighter'} than the reference`
}

function fixed(value: unknown, digits: number): string | undefined {
  return known(value) === undefined || !isNumber(value) ? undefined : value.toFixed(digits)
}

/** Missing is null, -999, or the text "null". */
function known(value: unknown): string | undefined {
  return value === null || value === undefined || value === -999 || value === 'null' ? undefined : String(value)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/** What the page and the picture of `make look` both say. */

export const NO_POINT = 'No point can be drawn.'

/** What the light curve is made from, in a line. */
export function summary({ points, alerts, nights: [first, last] }: ObjectData): string {
  const counts = BANDS.flatMap(band => {
    const count = points.filter(point => point.kind === 'detection' && point.band === band).length
    return count > 0 ? [`${count} in ${band}`] : []
  })
  const when = first === last ? `night ${first}` : `nights ${first} to ${last}`
  const detections = counts.join(', ') || 'none'
  return `${plural(alerts, 'alert')} of the lake, ${when}; detections, with those the alerts recall: ${detections}`
}

/** Why the points may not form one track, where that may be; else nothing. */
export function channelsNote({ channels }: ObjectData): string {
  if (channels < 2) return ''
  return (
    `The detections are of ${channels} readout channels (field, rcid), each with a reference image of its own: ` +
    'their magnitudes, of the difference from it, may form separate tracks.'
  )
}

/** Where it is, in hours and degrees, then in degrees alone; none where the alert does not tell. */
export function positionOf({ candidate: { ra, dec } }: ObjectData): string[] {
  if (typeof ra !== 'number' || typeof dec !== 'number') return []
  return [sexagesimal(ra, dec), `${ra.toFixed(6)}, ${dec.toFixed(6)}`]
}

export function dataUri({ png }: Picture): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

export function rangeOf({ range }: Picture): string {
  const [low, high] = range.map(value => String(Number(value.toPrecision(3))))
  return `${low} to ${high} DN`
}
