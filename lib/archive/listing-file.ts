import { join } from 'node:path'
import { readOptional, writeChanged } from '../core/files.ts'
import type { ListedFile } from './listing.ts'
import { hasChanged } from './revision.ts'

/**
 * The record of the whole listing, one file a line, tab-separated with a heading: what everything after `make uris`
 * knows of the archive. People read it as it is, with awk, or with DuckDB's `read_csv`.
 */
const COLUMNS = ['name', 'night', 'bytes', 'modified', 'md5', 'url', 'kind'] as const

export function listingPath(uris: string): string {
  return join(uris, 'listing.tsv')
}

/** Writes the record if that changes it; returns whether it did. */
export async function writeListingFile(uris: string, listing: readonly ListedFile[]): Promise<boolean> {
  const lines = listing.map(row => COLUMNS.map(column => row[column]).join('\t'))
  return writeChanged(listingPath(uris), `${[COLUMNS.join('\t'), ...lines].join('\n')}\n`)
}

/** Reads the record; empty where there is none yet. */
export async function readListingFile(uris: string): Promise<ListedFile[]> {
  const [, ...lines] = ((await readOptional(listingPath(uris))) ?? '').trimEnd().split('\n')
  return lines.map(line => {
    const [name = '', night = '', bytes = '', modified = '', md5 = '', url = '', kind = ''] = line.split('\t')
    return { name, night, bytes: Number(bytes), modified, md5, url, kind: kind as ListedFile['kind'] }
  })
}

/**
 * Guards against a listing that lost nights: the archive only grows, so a tenth of it missing is a fault on the way.
 * @throws Error in one sentence where the new listing names far fewer nights than the record
 */
export function assertNotShrunk(record: readonly ListedFile[], listing: readonly ListedFile[]): void {
  const names = new Set(listing.map(({ name }) => name))
  const known = record.filter(({ night }) => night)
  const gone = known.filter(({ name }) => !names.has(name))
  if (gone.length <= Math.max(3, known.length / 10)) return
  throw new Error(
    `the listing lacks ${gone.length} of the ${known.length} nights known so far (${gone[0]?.name}, ...), ` +
      'and nothing was changed: FORCE=yes takes it',
  )
}

/**
 * Nights that the archive has published again since the record was written: what is on disk or in the lake is outdated.
 */
export function republished(record: readonly ListedFile[], listing: readonly ListedFile[]): ListedFile[] {
  const known = new Map(record.map(row => [row.name, row]))
  return listing.filter(row => {
    const before = known.get(row.name)
    return row.night && before && hasChanged(before, row)
  })
}
