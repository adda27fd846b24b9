import { plural, showCount } from '../core/units.ts'
import { apparentOf, isFainter } from '../curve/apparent.ts'
import { bandOf } from '../curve/bands.ts'
import { formatUtc, jdToMjd, sexagesimal } from './astro.ts'
import type { ObjectData } from './find.ts'
import type { ShownAlert } from './shown-alerts.ts'

/** A line in a list of fields or facts. `name` is empty if the line continues the previous one. */
export interface ShownField {
  readonly name: string
  readonly value: string
  readonly description: string
}

/** The alert's main fields. Missing fields are left out. */
export function mainFields(data: ObjectData): ShownField[] {
  const { objectId, candid, candidate, alerts } = data
  const show = (field: string, digits?: number) => format(candidate[field], digits)
  const [hours, degrees] = formatPosition(data)
  const [jd, mag, error] = [candidate.jd, show('magpsf', 3), show('sigmapsf', 3)]
  const direction = isFainter(candidate.isdiffpos) ? 'fainter' : 'brighter'
  const apparent = apparentOf(candidate)
  const fields: [string, string | undefined, string][] = [
    ['objectId', objectId, `${plural(alerts, 'alert')} in the lake`],
    ['candid', String(candid), 'the alert of these fields'],
    ['ra, dec', degrees, 'deg, J2000'],
    ['', hours, 'hours and degrees'],
    ['jd', show('jd', 5), isNumber(jd) ? `MJD ${jdToMjd(jd).toFixed(5)}, ${formatUtc(jd)} UTC` : ''],
    ['fid', bandOf(candidate.fid), 'band'],
    ['magpsf', mag && error ? `${mag} ± ${error}` : mag, `mag, ${direction} than the reference`],
    ['diffmaglim', show('diffmaglim', 2), '5 sigma limit'],
    ['drb', show('drb', 3), 'deep learning classifier: 0 bogus, 1 real'],
    ['rb', show('rb', 3), 'older classifier: 0 bogus, 1 real'],
    ['sgscore1', show('sgscore1', 3), 'nearest PS1 source: 0 galaxy, 1 star'],
    ['distpsnr1', show('distpsnr1', 2), 'distance to it, arcsec'],
    ['sgmag1, srmag1, simag1', list(show('sgmag1', 2), show('srmag1', 2), show('simag1', 2)), 'its magnitudes'],
    ['magnr', show('magnr', 3), 'nearest source in the reference image'],
    ['distnr', show('distnr', 2), 'distance to it, px'],
    ['magpsf_corr', apparent.magpsf_corr?.toFixed(3), 'apparent magnitude, from magnr and magpsf'],
    ['ssnamenr', show('ssnamenr'), 'known solar system object nearby'],
    ['ssdistnr', show('ssnamenr') && show('ssdistnr', 1), 'distance to it, arcsec'],
    ['ndethist', show('ndethist'), `detections at this position so far, in ${show('ncovhist') ?? '?'} visits`],
    ['field, rcid', list(show('field'), show('rcid')), 'pointing and readout channel'],
    ['programid', show('programid'), '1 public, 2 partnership, 3 Caltech'],
  ]
  return fields.flatMap(([name, value, description]) => (value === undefined ? [] : { name, value, description }))
}

/** One-line summary of an object: number of alerts, first and last night, and the selection, if there is one. */
export function summary({ alerts, shownAlerts, nights: [first, last], selected }: ObjectData): string {
  const nights = shownAlerts === 1 ? `in tarballs of the nights ${first} and ${last}` : `nights ${first} to ${last}`
  const dates = first === last ? `night ${first}` : nights
  const shown = shownAlerts < alerts ? `${showCount(shownAlerts)} of ` : ''
  return `${shown}${plural(alerts, 'alert')} in the lake, ${dates}${selected ? `, selected by NIGHTS=${selected}` : ''}`
}

/** Which alerts have stamps, if several do. */
export function alertsNotes({ shown, selected }: ObjectData): string[] {
  if (shown.length < 2) return []
  const from = selected ? 'selected alerts' : 'alerts in the lake'
  return [
    `Stamps: first, brightest and newest of the ${from}. The light curve can have earlier and brighter detections, which these alerts only list.`,
  ]
}

/** Heading of an alert's stamps: time, magnitude and id. */
export function describeAlert({ candid, candidate }: ShownAlert): string {
  const [mag, error] = [format(candidate.magpsf, 2), format(candidate.sigmapsf, 2)]
  const { magpsf_corr: apparent } = apparentOf(candidate)
  const direction = isFainter(candidate.isdiffpos) ? 'fainter' : 'brighter'
  const parts = [
    isNumber(candidate.jd) ? `${formatUtc(candidate.jd)} UTC` : undefined,
    bandOf(candidate.fid),
    apparent === null ? undefined : `apparent ${apparent.toFixed(2)} mag`,
    mag && `difference ${mag}${error ? ` ± ${error}` : ''} mag (${direction})`,
    `candid ${candid}`,
  ]
  return parts.filter(Boolean).join(', ')
}

/** Position in sexagesimal and in decimal degrees; an empty array if the alert has none. */
export function formatPosition({ candidate: { ra, dec } }: ObjectData): string[] {
  return isNumber(ra) && isNumber(dec) ? [sexagesimal(ra, dec), `${ra.toFixed(6)}, ${dec.toFixed(6)}`] : []
}

/** Joins values with commas, with a dash for each missing value; undefined if all are missing. */
function list(...values: (string | undefined)[]): string | undefined {
  return values.some(Boolean) ? values.map(value => value ?? '–').join(', ') : undefined
}

/** Formats a value; undefined if it is missing. ZTF encodes missing values as null, NaN, -999 or "null". */
function format(value: unknown, digits?: number): string | undefined {
  if (value === null || value === undefined || value === -999 || value === 'null' || Number.isNaN(value))
    return undefined
  return digits === undefined ? String(value) : Number(value).toFixed(digits)
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
