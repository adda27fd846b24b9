import type { AxisXOptions } from '@observablehq/plot'
import { jdToDate, jdToMjd, mjdToDate } from './astro.ts'
import type { Point } from './points.ts'

/** First and last Julian date of a time axis. */
export type Range = readonly [first: number, last: number]

/** Minimum margin on the time axis before the first and after the last point, in days. */
const MIN_MARGIN = 1
/** Possible spacings of the MJD ticks, in days. */
const TICK_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Spacing in days below which D3 chooses ticks of 12 hours or less: the geometric mean of these and a day. */
const HOURLY_BELOW = Math.SQRT1_2

/** The first and last Julian date of points, with a margin. */
export function jdRange(points: readonly Point[]): Range {
  const days = points.map(({ jd }) => jd)
  const [first, last] = [Math.min(...days), Math.max(...days)]
  const margin = Math.max(MIN_MARGIN, (last - first) * 0.02)
  return [first - margin, last + margin]
}

/** The points within a range. */
export function pointsIn([first, last]: Range, points: readonly Point[]): Point[] {
  return points.filter(({ jd }) => jd >= first && jd <= last)
}

/** Axis label with the year, because the ticks of a short light curve show only months and days. */
export function yearLabel([firstJd, lastJd]: Range): string {
  const [first, last] = [firstJd, lastJd].map(jd => jdToDate(jd).getUTCFullYear())
  return first === last ? `UTC, ${first}` : `UTC, ${first} to ${last}`
}

/** Axis options for about `count` ticks in UTC. Ticks within a day have their time and date. */
export function utcTicks([first, last]: Range, count: number): AxisXOptions {
  return (last - first) / count < HOURLY_BELOW ? { ticks: count, tickFormat: timeAndDay } : { ticks: count }
}

function timeAndDay(date: Date): string {
  const day = date.toLocaleDateString('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })
  return `${date.toISOString().slice(11, 16)}\n${day}`
}

/** Axis options for about `count` ticks, at round MJDs. */
export function mjdTicks([firstJd, lastJd]: Range, count: number): AxisXOptions {
  const [first, last] = [jdToMjd(firstJd), jdToMjd(lastJd)]
  const step = TICK_STEPS.find(step => step >= (last - first) / count) ?? 1000
  const start = Math.ceil(first / step)
  const mjds = Array.from({ length: Math.floor(last / step) - start + 1 }, (_, i) => (start + i) * step)
  const digits = Math.max(0, Math.ceil(-Math.log10(step)))
  return { ticks: mjds.map(mjdToDate), tickFormat: (_, i) => mjds[i]?.toFixed(digits) }
}
