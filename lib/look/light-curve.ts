import { MAG } from '../curve/apparent.ts'
import { BANDS, type Band, isFainter } from '../curve/bands.ts'
import type { CurveRow } from '../curve/merge.ts'

/** A measurement or limit in the light curve. */
export interface Point {
  readonly jd: number
  readonly band: Band
  /** `limit` is the 5 sigma limit of an exposure without a detection. `forced` is forced photometry. */
  readonly kind: 'detection' | 'limit' | 'forced' | 'forced limit'
  readonly mag: number
  /** 1 sigma in mag; 0 for a limit. */
  readonly error: number
  /** True if the object was fainter than in the reference image. */
  readonly isFainter: boolean
  readonly candid?: bigint
}

/** A forced flux below 3 sigma is drawn as a 5 sigma limit, as in most public plotting code for ZTF. */
const DETECTION_SIGMA = 3
const LIMIT_SIGMA = 5

/** Points to draw, in the order of the rows. Rows without a value or a known band are left out. */
export function pointsOf(rows: readonly CurveRow[]): Point[] {
  return rows.flatMap(row => {
    const point = row.kind === 'forced' ? forcedPoint(row) : detectionOrLimit(row)
    return isDrawable(point) ? point : []
  })
}

/** Number of readout channels (field, rcid) with detections. */
export function countChannels(rows: readonly CurveRow[]): number {
  const channels = rows.flatMap(({ kind, field, rcid }) =>
    kind === 'detection' && field !== null && rcid !== null ? `${field} ${rcid}` : [],
  )
  return new Set(channels).size
}

function detectionOrLimit({ kind, jd, band, candid, magpsf, sigmapsf, isdiffpos, diffmaglim }: CurveRow): Point {
  const exposure = { jd: jd as number, band: band as Band }
  if (kind === 'limit') return { ...exposure, kind: 'limit', mag: diffmaglim as number, error: 0, isFainter: false }
  const [mag, error] = [magpsf, sigmapsf] as [number, number]
  return { ...exposure, kind: 'detection', mag, error, isFainter: isFainter(isdiffpos), candid: candid as bigint }
}

/** Converts a forced flux and its error, both in DN, to a magnitude or a limit. */
function forcedPoint(row: CurveRow): Point {
  const [flux, fluxError, zeroPoint] = [row.forcediffimflux, row.forcediffimfluxunc, row.magzpsci].map(value =>
    value === null ? Number.NaN : Number(value),
  ) as [number, number, number]
  const exposure = { jd: row.jd as number, band: row.band as Band }
  const magnitude = (flux: number) => zeroPoint - MAG * Math.log(flux)
  const size = Math.abs(flux)
  if (size < DETECTION_SIGMA * fluxError)
    return { ...exposure, kind: 'forced limit', mag: magnitude(LIMIT_SIGMA * fluxError), error: 0, isFainter: false }
  const error = (MAG * fluxError) / size
  return { ...exposure, kind: 'forced', mag: magnitude(size), error, isFainter: flux < 0 }
}

/** Whether a point has a known band and valid values. */
function isDrawable({ jd, band, mag, error }: Point): boolean {
  return BANDS.includes(band) && [jd, mag, error].every(Number.isFinite) && error >= 0
}
