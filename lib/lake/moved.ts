import { plural } from '../core/units.ts'
import type { NightSummary } from './summaries.ts'

/** A night of the lake, and whether its files were moved (see `moveAway`). */
interface MovableNight {
  readonly summary: Pick<NightSummary, 'movedTo'>
}

/** Whether a night's Parquet files are at a target, and not in the data folder. */
export function isMoved({ summary }: MovableNight): boolean {
  return summary.movedTo !== undefined
}

/** Describes nights that were moved, e.g. `4 nights that were moved to s3://bucket/ztf`. */
export function describeMoved(nights: readonly MovableNight[]): string {
  const verb = nights.length === 1 ? 'was' : 'were'
  return `${plural(nights.length, 'night')} that ${verb} moved to ${addressesOf(nights).join(' and ')}`
}

/** The addresses to which these nights were moved, sorted. */
export function addressesOf(nights: readonly MovableNight[]): string[] {
  return [...new Set(nights.flatMap(({ summary }) => summary.movedTo ?? []))].sort()
}
