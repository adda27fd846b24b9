import { RECORDS } from '../alerts/fields.ts'
import { DAY } from '../core/units.ts'
import type { Values } from './alert.ts'
import { makeNight } from './night.ts'
import { Random } from './random.ts'
import { nightNumber } from './sighting.ts'
import { drawStamp } from './stamp.ts'

/** Synthetic supernova with alerts on many nights, for `make look`. */
export const SUPERNOVA = { objectId: 'ZTF24abcdefg', ra: 187.706042, dec: 12.391123 }

/** Exposure of the supernova's position, with a detection or only a limiting magnitude. */
export interface Visit {
  readonly jd: number
  readonly fid: number
  readonly candid: bigint
  readonly mag: number
  readonly error: number
  readonly limit: number
  readonly isDetected: boolean
}

/** Start of night number 0, as a Julian date and in Unix ms. */
const FIRST_JD = 2_457_754.5
const FIRST_DATE = Date.UTC(2017, 0, 1)
const START = nightNumber('20240301')
const PEAK_DAY = 42
/** Peak magnitude, rise time in days, and decline in magnitudes per day, for g, r and i. */
const BANDS = [
  [17.3, 17, 0.085],
  [17.45, 18, 0.055],
  [17.9, 18, 0.04],
] as const
const ZERO_POINT = 26.3

/** All visits, oldest first. Every third night has visits in g and r, and every sixth night also in i. */
export function visits(): Visit[] {
  const random = new Random(24)
  const days = Array.from({ length: 24 }, (_, i) => i * 3)
  return days.flatMap(day => [1, 2, ...(day % 6 === 0 ? [3] : [])].map(fid => visit(day, fid, random)))
}

/** Tarballs of the nights with detections. Each has one alert per detection and two unrelated alerts. */
export function supernovaNights(): ReturnType<typeof makeNight>[] {
  const all = visits()
  const detections = all.filter(({ isDetected }) => isDetected)
  return [...new Set(detections.map(nightOf))].map(night => {
    const own = detections.filter(visit => nightOf(visit) === night)
    const edit = (made: Values, i: number) => (own[i] ? alertOf(own[i], all, made) : {})
    return makeNight({ night: dateOf(night), alerts: own.length + 2, edges: 0, stamps: 'real', edit })
  })
}

function nightOf({ candid }: Visit): number {
  return Number(candid / 10n ** 15n)
}

function visit(day: number, fid: number, random: Random): Visit {
  const fraction = 20_000 + fid * 2_000 + random.int(0, 500)
  const nid = START + day
  const [peak, rise, decline] = BANDS[fid - 1] as (typeof BANDS)[number]
  const phase = day - PEAK_DAY
  const trueMag =
    peak + (phase < 0 ? (phase / rise) ** 2 * 1.3 : Math.min(phase, 25) * decline + Math.max(0, phase - 25) * 0.02)
  const limit = random.float(19.9, 20.7)
  const error = Math.min(0.2, 0.02 * 10 ** (0.4 * (trueMag - 17.3)))
  return {
    jd: FIRST_JD + nid + fraction / 100_000,
    fid,
    candid: (BigInt(nid) * 100_000n + BigInt(fraction)) * 10_000_000_000n + 4_115_015_000n + BigInt(fid),
    mag: Math.fround(random.noise(trueMag, error)),
    error: Math.fround(error),
    limit,
    isDetected: phase > -rise * 1.3 && trueMag < limit - 0.2 && !random.chance(0.06),
  }
}

function alertOf(now: Visit, all: readonly Visit[], made: Values): Values {
  const before = all.filter(({ jd }) => jd < now.jd && jd > now.jd - 30)
  const random = new Random(Number(now.candid % 1_000_003n))
  const history = (row: (past: Visit) => Values) => (before.length > 0 ? before.map(row) : null)
  return {
    objectId: SUPERNOVA.objectId,
    candid: now.candid,
    candidate: { ...(made.candidate as Values), ...detectionOf(now), ...CANDIDATE, jdendhist: now.jd },
    prv_candidates: history(past => ({ ...EMPTY.prv_candidate, ...observationOf(past, made) })),
    fp_hists: history(past => ({ ...EMPTY.fp_hist, ...forcedPhotometry(past, random) })),
    ...stamps(now, random),
  }
}

const CANDIDATE = {
  drb: Math.fround(0.998),
  rb: Math.fround(0.93),
  sgscore1: Math.fround(0.02),
  distpsnr1: Math.fround(4.1),
  ssnamenr: 'null',
  ndethist: 31,
  ncovhist: 412,
  field: 523,
  rcid: 41,
  programid: 1,
  sgmag1: Math.fround(18.9),
  srmag1: Math.fround(18.2),
  simag1: Math.fround(17.9),
  magnr: Math.fround(18.1),
  distnr: Math.fround(4.05),
}

const EMPTY = {
  prv_candidate: { ...nulls('prv_candidate'), rbversion: 't17_f5_c3' },
  fp_hist: { ...nulls('fp_hist'), rfid: 523_000_141n, programid: 1, ranr: SUPERNOVA.ra, decnr: SUPERNOVA.dec },
}

function nulls(record: 'prv_candidate' | 'fp_hist'): Values {
  return Object.fromEntries(RECORDS[record].map(({ name }) => [name, null]))
}

function observationOf(past: Visit, made: Values): Values {
  const { jd, fid, limit } = past
  const { pid, programid, programpi } = made.candidate as Values
  return { jd, fid, diffmaglim: limit, pid, programid, programpi, ...(past.isDetected && detectionOf(past)) }
}

function detectionOf({ jd, fid, candid, mag, error, limit }: Visit): Values {
  const { ra, dec } = SUPERNOVA
  return { jd, fid, candid, ra, dec, magpsf: mag, sigmapsf: error, diffmaglim: limit, isdiffpos: 't' }
}

function forcedPhotometry({ jd, fid, mag, limit, candid }: Visit, random: Random): Values {
  const error = 10 ** (0.4 * (ZERO_POINT - limit)) / 5
  const flux = random.noise(10 ** (0.4 * (ZERO_POINT - mag)), error)
  return {
    ...{ jd, fid, pid: candid / 1_000_000n, diffmaglim: limit, procstatus: '0' },
    magzpsci: Math.fround(ZERO_POINT),
    forcediffimflux: Math.fround(flux),
    forcediffimfluxunc: Math.fround(error),
  }
}

function stamps({ mag }: Visit, random: Random): Values {
  const star = { x: 0, y: 0, sigma: 1.1, peak: 10 ** (0.4 * (22.6 - mag)) }
  const field = [
    { x: -3, y: 2.6, sigma: 4.2, peak: 90 },
    { x: -17, y: -14, sigma: 1.1, peak: 340 },
    { x: 21, y: 18, sigma: 1.1, peak: 70 },
    { x: 12, y: -23, sigma: 1.1, peak: 150 },
  ]
  const cutout = (name: string, data: Buffer) => ({ fileName: `${name}.fits.gz`, stampData: data })
  return {
    cutoutScience: cutout('sci', drawStamp([...field, star], 160, random)),
    cutoutTemplate: cutout('ref', drawStamp(field, 150, random)),
    cutoutDifference: cutout('scimref', drawStamp([star], 0, random)),
  }
}

function dateOf(night: number): string {
  return new Date(FIRST_DATE + night * DAY).toISOString().slice(0, 10).replaceAll('-', '')
}
