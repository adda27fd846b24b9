import { DETECTION_SIGMA, type Point, signalToNoise } from './points.ts'

/** What a panel of the light curve shows: apparent magnitudes, or magnitudes or fluxes in the difference image. */
export type Measure = 'apparent' | 'difference' | 'flux'

/** A point's place on the y axis of a panel. */
export interface Placed {
  readonly point: Point
  /** Undefined for an apparent magnitude below 1 sigma, or without a value: the point is drawn at the lower edge. */
  readonly y: number | undefined
  /** 1 sigma; 0 if there is none. */
  readonly error: number
  /** True for an apparent magnitude below 3 sigma. */
  readonly isFaint: boolean
}

/** Panels in order: apparent magnitudes if the object is in the reference image, otherwise difference magnitudes. */
export function panelsOf(points: readonly Point[]): Measure[] {
  if (isInReference(points)) return ['apparent', 'flux']
  // A negative flux has no magnitude.
  const [hasMagnitudes, hasNegative] = [false, true].map(negative => points.some(point => point.isFainter === negative))
  return [...(hasMagnitudes ? (['difference'] as const) : []), ...(hasNegative ? (['flux'] as const) : [])]
}

/** Fraction of the detections that must have a near reference source for apparent magnitudes to be shown. */
const MIN_FRACTION = 0.8

/** Whether most of the detections, or of the forced photometry if there are none, have a near reference source. */
export function isInReference(points: readonly Point[]): boolean {
  const detections = points.filter(({ kind }) => kind === 'detection')
  const measured = detections.length > 0 ? detections : points.filter(({ kind }) => kind !== 'limit')
  const near = measured.filter(({ reference }) => reference)
  return measured.length > 0 && near.length >= MIN_FRACTION * measured.length
}

/** Points that a panel shows. */
export function placedIn(measure: Measure, points: readonly Point[]): Placed[] {
  return points.flatMap(point => place(measure, point) ?? [])
}

function place(measure: Measure, point: Point): Placed | undefined {
  if (measure === 'flux') return { point, y: point.flux, error: point.fluxError, isFaint: false }
  if (measure === 'difference')
    return point.isFainter ? undefined : { point, y: point.mag, error: point.error, isFaint: false }
  if (!point.reference) return undefined
  const { apparent } = point.reference
  const signal = apparent ? signalToNoise(apparent.error) : 0
  return signal < 1
    ? { point, y: undefined, error: 0, isFaint: true }
    : { point, y: apparent?.mag, error: apparent?.error ?? 0, isFaint: signal < DETECTION_SIGMA }
}
