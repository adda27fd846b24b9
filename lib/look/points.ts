import { hasNearSource, isFainter, MAG_PER_E } from '../curve/apparent.ts'
import { BANDS, type Band } from '../curve/bands.ts'
import type { CurveRow } from '../curve/merge.ts'

/** A measurement or limit in the light curve. It is JSON, because the page's script reads it too. */
export interface Point {
  readonly jd: number
  readonly band: Band
  /** `limit` is the 5 sigma limit of an exposure without a detection in the alerts. `forced` is forced photometry. */
  readonly kind: 'detection' | 'limit' | 'forced' | 'forced limit'
  /** Magnitude in the difference image, or the limiting magnitude. */
  readonly mag: number
  /** 1 sigma in mag; 0 for a limit. */
  readonly error: number
  /** True if the object was fainter than in the reference image. */
  readonly isFainter: boolean
  /** Flux in the difference image in µJy, negative if the object was fainter; for a limit, that of the limiting magnitude. */
  readonly flux: number
  /** 1 sigma in µJy; 0 for a limit. */
  readonly fluxError: number
  /** Present if a source of the reference image is near. */
  readonly reference?: Reference
  readonly candid?: string
  readonly field?: number
  readonly rcid?: number
  readonly drb?: number
  /** Distance of the nearest source of the reference image: in px, for forced photometry in arcsec. */
  readonly distnr?: number
}

/** The source of the reference image at a point's position. */
export interface Reference {
  readonly mag: number
  /** Apparent magnitude of the object with its 1 sigma error; absent if the sum of the fluxes is not positive. */
  readonly apparent?: { readonly mag: number; readonly error: number }
}

/** AB magnitude of 1 µJy. */
const MICROJANSKY_MAG = 23.9
/**
 * Smallest signal to noise of a detection. A forced flux below it is drawn as a limit of `LIMIT_SIGMA`, as in most public
 * plotting code for ZTF.
 */
export const DETECTION_SIGMA = 3
const LIMIT_SIGMA = 5

/** Points to draw, in the order of the rows. Rows without a value or a known band are left out. */
export function pointsOf(rows: readonly CurveRow[]): Point[] {
  return rows.flatMap(row => {
    const point = { ...(row.kind === 'forced' ? forced(row) : detectionOrLimit(row)), ...details(row) }
    return isDrawable(point) ? point : []
  })
}

/** Number of readout channels (field, rcid) with detections. */
export function countChannels(points: readonly Point[]): number {
  const channels = points.flatMap(({ kind, field, rcid }) =>
    kind === 'detection' && field !== undefined && rcid !== undefined ? `${field} ${rcid}` : [],
  )
  return new Set(channels).size
}

/** Signal to noise of a magnitude with this error. */
export function signalToNoise(error: number): number {
  return MAG_PER_E / error
}

function detectionOrLimit({ kind, jd, band, magpsf, sigmapsf, isdiffpos, diffmaglim }: CurveRow): Point {
  const exposure = { jd: jd as number, band: band as Band }
  if (kind === 'limit') {
    const mag = diffmaglim as number
    return { ...exposure, kind: 'limit', mag, error: 0, isFainter: false, flux: microjanskys(mag), fluxError: 0 }
  }
  const [mag, error, fainter] = [magpsf as number, sigmapsf as number, isFainter(isdiffpos)]
  const flux = microjanskys(mag)
  const fluxError = (flux * error) / MAG_PER_E
  return { ...exposure, kind: 'detection', mag, error, isFainter: fainter, flux: fainter ? -flux : flux, fluxError }
}

/** Converts a forced flux and its error, both in DN, to µJy, and to a magnitude or a limit. */
function forced(row: CurveRow): Point {
  const [counts, countsError, zeroPoint] = [row.forcediffimflux, row.forcediffimfluxunc, row.magzpsci].map(value =>
    value === null ? Number.NaN : Number(value),
  ) as [number, number, number]
  const magnitude = (flux: number) => zeroPoint - MAG_PER_E * Math.log(flux)
  const unit = microjanskys(zeroPoint)
  const measured = { flux: counts * unit, fluxError: countsError * unit, jd: row.jd as number, band: row.band as Band }
  const size = Math.abs(counts)
  if (size < DETECTION_SIGMA * countsError) {
    const mag = magnitude(LIMIT_SIGMA * countsError)
    return { ...measured, kind: 'forced limit', mag, error: 0, isFainter: false }
  }
  const error = (MAG_PER_E * countsError) / size
  return { ...measured, kind: 'forced', mag: magnitude(size), error, isFainter: counts < 0 }
}

function details(row: CurveRow): Partial<Point> {
  const numbers = { field: row.field, rcid: row.rcid, drb: row.drb, distnr: row.distnr ?? row.forceddistnr }
  const present = Object.entries(numbers).filter(([, value]) => typeof value === 'number')
  const candid = typeof row.candid === 'bigint' ? { candid: String(row.candid) } : {}
  return { ...Object.fromEntries(present), ...candid, ...referenceOf(row) }
}

function referenceOf(row: CurveRow): Partial<Point> {
  const { magnr, magpsf_corr: mag, sigmapsf_corr_ext: error } = row
  if (row.kind === 'limit' || typeof magnr !== 'number' || !hasNearSource(row)) return {}
  return {
    reference: {
      mag: magnr,
      ...(typeof mag === 'number' && typeof error === 'number' && { apparent: { mag, error } }),
    },
  }
}

function microjanskys(mag: number): number {
  return 10 ** (-0.4 * (mag - MICROJANSKY_MAG))
}

/** Whether a point has a known band and valid values. */
function isDrawable({ jd, band, mag, error, flux, fluxError }: Point): boolean {
  return (
    BANDS.includes(band) && [jd, mag, error, flux, fluxError].every(Number.isFinite) && error >= 0 && fluxError >= 0
  )
}
