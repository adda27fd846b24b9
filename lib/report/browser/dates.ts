import { DAY } from '../../core/units.ts'
import type { Overview, OverviewNight } from '../overview.ts'
import { SHOWN, type Shown } from './states.ts'

/** A date of the calendar, with the one or two tarballs that it has; none where the archive has no file. */
export interface NightDate {
  /** `YYYYMMDD`. */
  readonly date: string
  /** Days since 1970. */
  readonly day: number
  /** The state that it is drawn in: of two, the one that asks for more attention. */
  readonly state: Shown
  readonly nights: readonly OverviewNight[]
}

/** All dates of the nights and of the gaps between them, in order. */
export function datesOf({ nights, gaps }: Overview): NightDate[] {
  const byDate = new Map<string, OverviewNight[]>(gaps.map(date => [date, []]))
  for (const night of nights) byDate.set(night.date, [...(byDate.get(night.date) ?? []), night])
  return [...byDate]
    .map(([date, nights]) => ({ date, day: dayOf(date), state: stateOf(nights), nights }))
    .sort((a, b) => a.day - b.day)
}

function stateOf(nights: readonly OverviewNight[]): Shown {
  return SHOWN.find(state => nights.some(night => night.state === state)) ?? 'gap'
}

/** Days since 1970 of a date `YYYYMMDD`. */
export function dayOf(date: string): number {
  return Date.parse(isoOf(date)) / DAY
}

/** The start (UTC) of a day, of so many since 1970. */
export function startOf(day: number): Date {
  return new Date(day * DAY)
}

/** `2019-10-03` of `20191003`. */
export function isoOf(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
}

/** `Thu 03 Oct 2019` of `20191003`. */
export function longDate(date: string): string {
  return new Date(isoOf(date)).toUTCString().slice(0, 16).replace(',', '')
}

/** `Oct` of a day in October. */
export function monthOf(date: Date): string {
  return date.toUTCString().slice(8, 11)
}

/** `2026-07-02 14:03` (UTC) of ms since 1970. */
export function showTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
