import { formatUtc, jdToMjd } from './astro.ts'
import { DETECTION_SIGMA, type Point, signalToNoise } from './points.ts'

/** Names and values of a point's properties, for the card below the light curve. Missing ones are left out. */
export function describePoint(point: Point): [name: string, value: string][] {
  const { jd, band, kind, reference, candid, field, rcid, drb, distnr } = point
  const distanceUnit = kind.startsWith('forced') ? 'arcsec' : 'px'
  return [
    ['date', `${formatUtc(jd)} UTC`],
    ['MJD', jdToMjd(jd).toFixed(5)],
    ['band', band],
    ['kind', kindOf(point)],
    ...(reference ? [['apparent', describeApparent(point)] as [string, string]] : []),
    [kind.endsWith('limit') ? 'limit' : 'difference', describeDifference(point)],
    ...optional('drb', drb?.toFixed(3)),
    ...optional('distnr', distnr === undefined ? undefined : `${distnr.toFixed(2)} ${distanceUnit}`),
    ...optional('field, rcid', field === undefined ? undefined : `${field}, ${rcid ?? '–'}`),
    ...optional('candid', candid),
  ]
}

/** Apparent magnitude, for example `16.720 ± 0.110 mag`. */
function describeApparent({ reference }: Point): string {
  const apparent = reference?.apparent
  if (!apparent) return 'too faint to measure'
  const [signal, mag] = [signalToNoise(apparent.error), `${apparent.mag.toFixed(3)} ± ${apparent.error.toFixed(3)} mag`]
  if (signal < 1) return `too faint to measure: ${mag}, below 1 sigma`
  return signal < DETECTION_SIGMA ? `${mag}, below 3 sigma` : mag
}

/** Difference magnitude, for example `19.000 ± 0.100 mag (brighter)`, or the limit. */
function describeDifference({ kind, mag, error, isFainter }: Point): string {
  if (kind.endsWith('limit')) return `${mag.toFixed(3)} mag, 5 sigma`
  return `${mag.toFixed(3)} ± ${error.toFixed(3)} mag (${isFainter ? 'fainter' : 'brighter'})`
}

function kindOf({ kind }: Point): string {
  if (kind === 'limit') return 'limit: no detection in the alerts'
  return kind === 'detection' ? kind : 'forced photometry'
}

function optional(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]]
}
