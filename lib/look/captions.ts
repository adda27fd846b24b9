import { plural } from '../units.ts'
import { BANDS } from './lightcurve.ts'
import type { Found } from './lookup.ts'
import { sexagesimal } from './sky.ts'
import type { Picture } from './stamps.ts'

/** What the page and the picture of `make look` both say. */

export const NO_POINT = 'No point can be drawn.'

/** What the light curve is made from, in a line. */
export function told({ points, alerts, nights: [first, last] }: Found): string {
  const counts = BANDS.flatMap(band => {
    const count = points.filter(point => point.kind === 'detection' && point.band === band).length
    return count > 0 ? [`${count} in ${band}`] : []
  })
  const when = first === last ? `night ${first}` : `nights ${first} to ${last}`
  const detections = counts.join(', ') || 'none'
  return `${plural(alerts, 'alert')} of the lake, ${when}; detections, with those the alerts recall: ${detections}`
}

/** Why the points may not form one track, where that may be; else nothing. */
export function channelsNote({ channels }: Found): string {
  if (channels < 2) return ''
  return (
    `The detections are of ${channels} readout channels (field, rcid), each with a reference image of its own: ` +
    'their magnitudes, of the difference from it, may form separate tracks.'
  )
}

/** Where it is, in hours and degrees, then in degrees alone; none where the alert does not tell. */
export function positionOf({ candidate: { ra, dec } }: Found): string[] {
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
