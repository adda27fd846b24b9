import { dateAt } from '../night.ts'
import { DAY } from '../units.ts'

const FIRST_NIGHT = Date.UTC(2017, 0, 1)
/** What is behind the night in a candid: the fraction of the day, readout channel, and number of the detection. */
const REST = 10n ** 15n

/**
 * The dates, `YYYYMMDD`, of the nights that an alert may be in: that of its exposure, which leads its candid as days
 * since 2017-01-01 UTC, then its neighbours, should a tarball have been cut at another hour.
 */
export function datesOf(candid: bigint): string[] {
  const night = Number(candid / REST)
  return [night, night + 1, night - 1].map(days => dateAt(FIRST_NIGHT + days * DAY))
}
