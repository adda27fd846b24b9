import { datesBetween } from '../night.ts'
import type { Selection } from '../selection.ts'
import { holdsAlerts, type ListedFile } from './listing.ts'

/** Totals for the nights of one year, or for all years. */
export type YearSummary = ReturnType<typeof summarizeByYear>[number]

/** Mean bytes per alert in the tar.gz and in the Snappy-compressed Parquet files of real nights. */
const TARBALL_BYTES_PER_ALERT = 46_800
const LAKE_BYTES_PER_ALERT = 44_000

/**
 * Summaries of the selected nights by year, followed by the total. `nights` counts all tarballs: one per date and program.
 * `empty` counts those without alerts, and `programid3` those of that program with alerts. `missing` counts selected dates
 * that have no night but lie between the first and the last date of the whole listing.
 */
export function summarizeByYear(listing: readonly ListedFile[], selection: Selection) {
  const missing = missingDates(listing.flatMap(({ night }) => night || [])).filter(selection)
  const nights = listing.filter(({ night }) => night && selection(night))
  const years = [...new Set(nights.map(({ night }) => night.slice(0, 4)))].sort()
  return [...years, ''].map(year => {
    const inYear = nights.filter(({ night }) => night.startsWith(year))
    const count = (kind: ListedFile['kind']) => inYear.filter(row => row.kind === kind).length
    return {
      label: year || 'total',
      nights: inYear.length,
      empty: count('empty'),
      programid3: count('programid3'),
      missing: missing.filter(date => date.startsWith(year)).length,
      bytes: inYear.filter(holdsAlerts).reduce((sum, { bytes }) => sum + bytes, 0),
    }
  })
}

/** Dates missing between the first and the last given date, in order. */
export function missingDates(nights: readonly string[]): string[] {
  const dates = new Set(nights)
  const sorted = [...dates].sort()
  return [...datesBetween(sorted[0] ?? '', sorted.at(-1) ?? '')].filter(date => !dates.has(date))
}

/** Estimated number of alerts in tarballs with this total size. */
export function expectedAlerts(bytes: number): number {
  return bytes / TARBALL_BYTES_PER_ALERT
}

/** Estimated size of the lake, in bytes, for tarballs with this total size. */
export function expectedLake(bytes: number): number {
  return expectedAlerts(bytes) * LAKE_BYTES_PER_ALERT
}
