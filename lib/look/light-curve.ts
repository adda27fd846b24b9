import type { DuckDB, Row } from '../core/duckdb.ts'

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

export const BANDS = ['g', 'r', 'i'] as const
export type Band = (typeof BANDS)[number]

/** Magnitude difference for a factor of e in flux. */
const MAG = 2.5 / Math.LN10
/** A forced flux below 3 sigma is drawn as a 5 sigma limit, as in most public plotting code for ZTF. */
const DETECTION_SIGMA = 3
const LIMIT_SIGMA = 5

/**
 * Reads the light curve from the candidate, prv_candidates and fp_hists columns of the table `object_alerts`. Points
 * are sorted by time and have no duplicates. A detection replaces limits from the same exposure.
 */
export async function lightCurve(database: DuckDB): Promise<Point[]> {
  const [detected, forced] = [await database.query(DETECTIONS_AND_LIMITS), await database.query(FORCED)]
  return [...detected.map(detectionOrLimit), ...forced.map(forcedPoint)].filter(isDrawable).sort((a, b) => a.jd - b.jd)
}

/** Number of readout channels (field, rcid) with detections in `object_alerts`. */
export async function countChannels(database: DuckDB): Promise<number> {
  const [row] = await database.query(CHANNELS)
  return row?.channels as number
}

const EXPOSURES = `with exposures as (
    select candidate.jd, candidate.fid, candidate.candid, candidate.magpsf, candidate.sigmapsf, candidate.isdiffpos,
      candidate.diffmaglim, candidate.field, candidate.rcid from object_alerts
    union all
    select p.jd, p.fid, p.candid, p.magpsf, p.sigmapsf, p.isdiffpos, p.diffmaglim, p.field, p.rcid
    from (select unnest(prv_candidates) as p from object_alerts))`

const CHANNELS = `${EXPOSURES}
  select count(distinct (field, rcid))::int as channels from exposures
  where candid is not null and field is not null and rcid is not null`

const DETECTIONS_AND_LIMITS = `${EXPOSURES}
  select distinct on (jd, fid, candid) * from exposures
  qualify candid is not null or count(candid) over (partition by jd, fid) = 0
  order by jd, fid, candid`

/** Query for forced photometry. Prefers values from the newest alert, because its position is the most accurate. */
const FORCED = `select distinct on (f.jd, f.fid, f.pid) f.jd, f.fid, f.forcediffimflux as flux,
    f.forcediffimfluxunc as error, f.magzpsci as zero
  from (select candidate.jd as alert_jd, unnest(fp_hists) as f from object_alerts)
  where f.forcediffimflux <> -99999 and f.forcediffimfluxunc > 0 and f.magzpsci > 0
  order by f.jd, f.fid, f.pid, alert_jd desc`

function detectionOrLimit({ jd, fid, candid, magpsf, sigmapsf, isdiffpos, diffmaglim }: Row): Point {
  const exposure = { jd: jd as number, band: bandOf(fid) as Band }
  if (candid === null) return { ...exposure, kind: 'limit', mag: diffmaglim as number, error: 0, isFainter: false }
  const [mag, error] = [magpsf, sigmapsf] as [number, number]
  return { ...exposure, kind: 'detection', mag, error, isFainter: isFainter(isdiffpos), candid: candid as bigint }
}

/** True if `isdiffpos` marks a source that is fainter than in the reference image. */
export function isFainter(isdiffpos: unknown): boolean {
  return isdiffpos === 'f' || isdiffpos === '0'
}

/** Converts a forced flux and its error, both in DN, to a magnitude or a limit. */
function forcedPoint(row: Row): Point {
  const [jd, flux, fluxError, zeroPoint] = [row.jd, row.flux, row.error, row.zero] as [number, number, number, number]
  const exposure = { jd, band: bandOf(row.fid) as Band }
  const magnitude = (flux: number) => zeroPoint - MAG * Math.log(flux)
  const size = Math.abs(flux)
  if (size < DETECTION_SIGMA * fluxError)
    return { ...exposure, kind: 'forced limit', mag: magnitude(LIMIT_SIGMA * fluxError), error: 0, isFainter: false }
  const error = (MAG * fluxError) / size
  return { ...exposure, kind: 'forced', mag: magnitude(size), error, isFainter: flux < 0 }
}

/** Band for a filter id; undefined if the id is unknown. */
export function bandOf(fid: unknown): Band | undefined {
  return BANDS[(fid as number) - 1]
}

/** Whether a point has a known band and valid values. */
function isDrawable({ jd, band, mag, error }: Point): boolean {
  return band !== undefined && [jd, mag, error].every(Number.isFinite) && jd > 0 && mag > -99 && error >= 0
}
