import { DAY } from '../../core/units.ts'
import type { Overview, OverviewNight } from '../overview.ts'
import { type DateState, STATES } from './states.ts'

/** A date in the calendar, with one or two nights, or none if the archive has no file. */
export interface NightDate {
  /** `YYYYMMDD`. */
  readonly date: string
  /** Number of days since 1 January 1970. */
  readonly day: number
  /** State that determines how the date is drawn. */
  readonly state: DateState
  readonly nights: readonly OverviewNight[]
}

/** Dates of all nights and gaps, in order. */
export function datesOf({ nights, gaps }: Overview): NightDate[] {
  const byDate = new Map<string, OverviewNight[]>(gaps.map(date => [date, []]))
  for (const night of nights) byDate.set(night.date, [...(byDate.get(night.date) ?? []), night])
  return [...byDate]
    .map(([date, nights]) => ({ date, day: dayOf(date), state: stateOf(nights), nights }))
    .sort((a, b) => a.day - b.day)
}

function stateOf(nights: readonly OverviewNight[]): DateState {
  return STATES.find(state => nights.some(night => night.state === state)) ?? 'gap'
}

/** Every year from the first to the last date, also those without dates. The dates are in order. */
export function yearsOf(dates: readonly Pick<NightDate, 'date'>[]): string[] {
  const [first, last] = [dates[0], dates.at(-1)].map(date => Number(date?.date.slice(0, 4)))
  const count = first && last ? last - first + 1 : 0
  return Array.from({ length: count }, (_, i) => String((first ?? 0) + i))
}

/** Number of days from 1 January 1970 to `date` (`YYYYMMDD`). */
export function dayOf(date: string): number {
  return Date.parse(isoOf(date)) / DAY
}

/** Start (UTC) of the day that is `day` days after 1 January 1970. */
export function startOf(day: number): Date {
  return new Date(day * DAY)
}

/** Formats `20191003` as `2019-10-03`. */
export function isoOf(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
}

/** Formats `20191003` as `Thu 03 Oct 2019`. */
export function longDate(date: string): string {
  return new Date(isoOf(date)).toUTCString().slice(0, 16).replace(',', '')
}

/** Formats ms since 1970 as UTC: `2026-07-02 14:03`. */
export function showTimestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
