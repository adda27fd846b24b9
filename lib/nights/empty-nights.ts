import { holdsAlerts, type ListedFile } from '../archive/listing.ts'
import { readListingFile } from '../archive/listing-file.ts'
import { plural, someOf } from '../core/units.ts'
import type { Selection } from '../selection.ts'
import type { Settings } from '../settings.ts'

/**
 * Clause that says that the archive lists the selected nights, and that all of them are empty, e.g. `20200429 is listed
 * without alerts`; undefined if any has alerts, or none is listed.
 */
export async function emptyNights({ URIS, NIGHTS }: Pick<Settings, 'URIS' | 'NIGHTS'>): Promise<string | undefined> {
  return describeEmpty(await readListingFile(URIS), NIGHTS)
}

/** Like `emptyNights`, for a listing that has been read already. */
export function describeEmpty(listing: readonly ListedFile[], selection: Selection): string | undefined {
  const selected = listing.filter(({ night }) => night && selection(night))
  if (selected.length === 0 || selected.some(holdsAlerts)) return undefined
  const dates = [...new Set(selected.map(({ night }) => night))]
  if (dates.length === 1) return `${dates[0]} is listed without alerts`
  return `${plural(selected.length, 'night')} are listed without alerts (${someOf(dates)})`
}
