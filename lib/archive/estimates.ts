import { datesBetween } from '../night.ts'
import type { Selection } from '../selection.ts'
import { holdsAlerts, type ListedFile } from './listing.ts'

/** What a year's listing amounts to, or that of all years. */
export interface YearSummary {
  readonly label: string
  readonly nights: number
  readonly programid3: number
  readonly empty: number
  /** Dates between the first and the last night for which there is no file at all. */
  readonly missing: number
  readonly bytes: number
}

/** Bytes of tar.gz, and of the lake's Parquet with snappy, for an alert: means over real nights. */
const TARBALL_BYTES = 46_800
const LAKE_BYTES = 44_000

/** Counts the selected nights of the whole listing by year and, last, in total. */
export function summarizeByYear(listing: readonly ListedFile[], selection: Selection): YearSummary[] {
  const missing = missingDates(listing.flatMap(({ night }) => night || [])).filter(selection)
  const nights = listing.filter(({ night }) => night && selection(night))
  const years = [...new Set(nights.map(({ night }) => night.slice(0, 4)))].sort()
  return [...years, ''].map(year => count(year, nights.filter(inYear(year)), missing))
}

/** Dates between the first and the last of the nights' that are no night's, in order. */
export function missingDates(nights: readonly string[]): string[] {
  const dates = new Set(nights)
  const sorted = [...dates].sort()
  return [...datesBetween(sorted[0] ?? '', sorted.at(-1) ?? '')].filter(date => !dates.has(date))
}

/** Alerts that tarballs of so many bytes hold, about. */
export function expectedAlerts(bytes: number): number {
  return bytes / TARBALL_BYTES
}

/** Bytes of lake that tarballs of so many bytes become, about. */
export function expectedLake(bytes: number): number {
  return expectedAlerts(bytes) * LAKE_BYTES
}

function count(year: string, nights: readonly ListedFile[], missing: readonly string[]): YearSummary {
  const full = nights.filter(holdsAlerts)
  return {
    label: year || 'total',
    nights: full.filter(({ kind }) => kind === 'night').length,
    programid3: full.filter(({ kind }) => kind === 'programid3').length,
    empty: nights.filter(({ kind }) => kind === 'empty').length,
    missing: missing.filter(date => date.startsWith(year)).length,
    bytes: full.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function inYear(year: string): (row: ListedFile) => boolean {
  return ({ night }) => night.startsWith(year)
}
