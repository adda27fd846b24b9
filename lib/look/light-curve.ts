import type { DuckDB, Row } from '../core/duckdb.ts'

/** What one exposure tells of an object, in difference magnitudes. */
export interface Point {
  readonly jd: number
  readonly band: Band
  /** `detection` raised an alert or might have, `limit` is of 5 sigma, `forced` measured where nothing was looked for. */
  readonly kind: 'detection' | 'limit' | 'forced' | 'forced limit'
  readonly mag: number
  /** 1 sigma; 0 of a limit. */
  readonly error: number
  /** Whether the object was fainter than in the reference image. */
  readonly isFainter: boolean
  readonly candid?: bigint
}

export const BANDS = ['g', 'r', 'i'] as const
export type Band = (typeof BANDS)[number]

/** Magnitudes in one e-fold of flux. */
const MAG = 2.5 / Math.LN10
/** Below so many sigma a forced flux is a limit, and that is of so many, as in public code that plots ZTF's. */
const DETECTED = 3
const LIMIT = 5

/**
 * The light curve that the alerts of the table `found` tell together: candidate, prv_candidates and fp_hists, each
 * exposure once, oldest first. What one alert has as a limit and another as a detection is a detection.
 */
export async function lightCurve(database: DuckDB): Promise<Point[]> {
  const [seen, forced] = [await database.query(SEEN), await database.query(FORCED)]
  return [...seen.map(seenPoint), ...forced.map(forcedPoint)].filter(isDrawable).sort((a, b) => a.jd - b.jd)
}

/** How many readout channels, each of a field, the detections were made in. */
export async function channelsOf(database: DuckDB): Promise<number> {
  const [row] = await database.query(CHANNELS)
  return row?.channels as number
}

const EXPOSURES = `with exposures as (
    select candidate.jd, candidate.fid, candidate.candid, candidate.magpsf, candidate.sigmapsf, candidate.isdiffpos,
      candidate.diffmaglim, candidate.field, candidate.rcid from found
    union all
    select p.jd, p.fid, p.candid, p.magpsf, p.sigmapsf, p.isdiffpos, p.diffmaglim, p.field, p.rcid
    from (select unnest(prv_candidates) as p from found))`

const CHANNELS = `${EXPOSURES}
  select count(distinct (field, rcid))::int as channels from exposures
  where candid is not null and field is not null and rcid is not null`

const SEEN = `${EXPOSURES}
  select distinct on (jd, fid, candid) * from exposures
  qualify candid is not null or count(candid) over (partition by jd, fid) = 0
  order by jd, fid, candid`

/** Each alert measures the past at its own position; the newest has most to go by. */
const FORCED = `select distinct on (f.jd, f.fid, f.pid) f.jd, f.fid, f.forcediffimflux as flux,
    f.forcediffimfluxunc as error, f.magzpsci as zero
  from (select candidate.jd as told, unnest(fp_hists) as f from found)
  where f.forcediffimflux <> -99999 and f.forcediffimfluxunc > 0 and f.magzpsci > 0
  order by f.jd, f.fid, f.pid, told desc`

function seenPoint({ jd, fid, candid, magpsf, sigmapsf, isdiffpos, diffmaglim }: Row): Point {
  const exposure = { jd: jd as number, band: bandOf(fid) }
  if (candid === null) return { ...exposure, kind: 'limit', mag: diffmaglim as number, error: 0, isFainter: false }
  const [mag, error] = [magpsf, sigmapsf] as [number, number]
  return { ...exposure, kind: 'detection', mag, error, isFainter: isFainter(isdiffpos), candid: candid as bigint }
}

/** Whether a detection is of something fainter than the reference image has there. */
export function isFainter(isdiffpos: unknown): boolean {
  return isdiffpos === 'f' || isdiffpos === '0'
}

function forcedPoint({ jd, fid, flux, error, zero }: Row): Point {
  return { jd: jd as number, band: bandOf(fid), ...magnitude(flux as number, error as number, zero as number) }
}

/** A flux of a difference image and its error, in DN, as a magnitude; or as the limit that it tells. */
export function magnitude(
  flux: number,
  error: number,
  zeroPoint: number,
): Pick<Point, 'kind' | 'mag' | 'error' | 'isFainter'> {
  const isFainter = flux < 0
  if (Math.abs(flux) < DETECTED * error)
    return { kind: 'forced limit', mag: zeroPoint - MAG * Math.log(LIMIT * error), error: 0, isFainter: false }
  const mag = zeroPoint - MAG * Math.log(Math.abs(flux))
  return { kind: 'forced', mag, error: (MAG * error) / Math.abs(flux), isFainter }
}

function bandOf(fid: unknown): Band {
  return BANDS[(fid as number) - 1] as Band
}

/** Neither a missing value nor a filter that ZTF does not have is drawn. */
function isDrawable({ jd, band, mag, error }: Point): boolean {
  return band !== undefined && [jd, mag, error].every(Number.isFinite) && jd > 0 && mag > -99 && error >= 0
}
