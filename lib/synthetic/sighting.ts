import { DAY } from '../core/units.ts'
import type { Random } from './random.ts'

/** Time, filter, position on the camera and ids of one detection. */
export interface Sighting {
  jd: number
  /** Days since 2017-01-01. `pid` and `candid` start with this number. */
  nid: number
  pid: bigint
  candid: bigint
  fid: number
  rcid: number
  field: number
  tblid: bigint
  isdiffpos: string
}

const FIRST_NIGHT = Date.UTC(2017, 0, 1)
const JD_OF_FIRST_NIGHT = 2_457_754.5
/** Start and length of the night at Palomar, in 1e-5 days. */
const DUSK = 12_000
const DARK = 43_000
/** Step between day fractions. It is coprime to DARK, so that DARK consecutive alerts have different fractions. */
const STRIDE = 7_919
/** Size of a `tblid` range. Alerts with the same day fraction use different ranges, so that their candids differ. */
const SAME_FRACTION = 50

/** Number of days from 2017-01-01 to the date `YYYYMMDD`. */
export function nightNumber(date: string): number {
  const midnight = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)))
  return (midnight - FIRST_NIGHT) / DAY
}

/** Makes detection number `index` of a night. Different indices below 860,000 give different candids. */
export function makeSighting(nid: number, index: number, random: Random): Sighting {
  const fraction = DUSK + ((index * STRIDE) % DARK)
  const tblid = (Math.floor(index / DARK) * SAME_FRACTION + random.int(0, SAME_FRACTION - 1)) % 1000
  const rcid = random.int(0, 63)
  const positive = random.chance(0.6)
  const pid = BigInt(nid) * 1_000_000_000n + BigInt(fraction * 10_000 + rcid * 100 + 15)
  return {
    jd: Number((JD_OF_FIRST_NIGHT + nid + (fraction + random.next()) / 100_000).toFixed(7)),
    nid,
    pid,
    candid: pid * 1_000_000n + BigInt(10_000 + (positive ? 5_000 : 0) + tblid),
    fid: random.int(1, 3),
    rcid,
    field: random.int(245, 880),
    tblid: BigInt(tblid),
    isdiffpos: sign(positive, random),
  }
}

/** Returns `t` or `f`, sometimes `1` or `0`, as in real alerts. */
function sign(positive: boolean, random: Random): string {
  if (random.chance(0.1)) return positive ? '1' : '0'
  return positive ? 't' : 'f'
}
