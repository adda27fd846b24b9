import type { Random } from './random.ts'

/** One detection: when, where on the camera, and the ids that follow from it. */
export interface Sighting {
  jd: number
  /** Days since 2017-01-01, which lead every id. */
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
const DAY = 86_400_000
const JD_OF_FIRST_NIGHT = 2_457_754.5
/** Fractions of a day, in 1e-5, when it is dark over Palomar. */
const DUSK = 12_000
const DARK = 43_000
/** A prime that does not divide DARK, so that one alert after the other gets every fraction once. */
const STRIDE = 7_919
const SAME_FRACTION = 50

/** The number of a night, from its date `YYYYMMDD`. */
export function nightNumber(date: string): number {
  const at = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6, 8)))
  return (at - FIRST_NIGHT) / DAY
}

/** The detection number `index` of a night: no two of a night share a candid. */
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

/** Letters as a rule, digits in some rows. */
function sign(positive: boolean, random: Random): string {
  if (random.chance(0.1)) return positive ? '1' : '0'
  return positive ? 't' : 'f'
}
