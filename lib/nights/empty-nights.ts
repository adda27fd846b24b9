import { holdsAlerts, type ListedFile } from '../archive/listing.ts'
import { readListingFile } from '../archive/listing-file.ts'
import { plural, someOf } from '../core/units.ts'
import type { Selection } from '../selection.ts'
import type { Settings } from '../settings.ts'

/**
 * Clause that says that the archive lists the selected nights, and that all of them are empty, e.g. `20200429 is listed
 * without alerts`; undefined if any has alerts, or none is listed.
 */
export function emptyClause(listing: readonly ListedFile[], selection: Selection): string | undefined {
  const selected = listing.filter(({ night }) => night && selection(night))
  if (selected.length === 0 || selected.some(holdsAlerts)) return undefined
  const dates = [...new Set(selected.map(({ night }) => night))]
  if (dates.length === 1) return `${dates[0]} is listed without alerts`
  return `${plural(selected.length, 'night')} are listed without alerts (${someOf(dates)})`
}

/** Like `emptyClause`, for the listing on disk. */
export async function readEmptyClause({
  URIS,
  NIGHTS,
}: Pick<Settings, 'URIS' | 'NIGHTS'>): Promise<string | undefined> {
  return emptyClause(await readListingFile(URIS), NIGHTS)
}

/**
 * Explains why no URL list below `uris` has a selected night.
 * @returns the clause of `emptyClause`, since empty nights are not downloaded
 * @throws Error if there is another reason
 */
export function noneToDownload(uris: string, listing: readonly ListedFile[], selection: Selection): string {
  const empty = emptyClause(listing, selection)
  if (empty) return empty
  const nights = listing.filter(({ night }) => night)
  const isListed = nights.some(({ night }) => selection(night))
  throw new Error(
    isListed
      ? `the lists below ${uris} have no URL of the selected nights: run make uris with NIGHTS and MIN_SIZE that include some`
      : `none of the ${plural(nights.length, 'listed night')} matches NIGHTS`,
  )
}
