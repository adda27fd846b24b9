import { join } from 'node:path'
import { readOptional, writeChanged } from '../core/files.ts'
import { parseNight } from '../night.ts'
import type { ListedFile } from './listing.ts'
import { hasChanged } from './revision.ts'

/** Columns of `uris/listing.tsv`, which has the whole listing as tab-separated values with a header line. */
const COLUMNS = ['name', 'night', 'bytes', 'modified', 'md5', 'url', 'kind'] as const

const KINDS: ReadonlySet<string> = new Set<ListedFile['kind']>(['night', 'programid3', 'empty', 'other'])

export function listingPath(uris: string): string {
  return join(uris, 'listing.tsv')
}

/** Writes the listing file if its content has changed; returns whether it was written. */
export async function writeListingFile(uris: string, listing: readonly ListedFile[]): Promise<boolean> {
  const lines = listing.map(row => COLUMNS.map(column => row[column]).join('\t'))
  return writeChanged(listingPath(uris), `${[COLUMNS.join('\t'), ...lines].join('\n')}\n`)
}

/**
 * Reads the listing file; empty if it does not exist yet.
 * @throws Error if a line is damaged
 */
export async function readListingFile(uris: string): Promise<ListedFile[]> {
  const { rows, damage } = await salvageListingFile(uris)
  if (damage) throw new Error(`${damage}: run make uris, which writes it again`)
  return rows
}

/** Reads the valid rows of the listing file. `damage` names the first invalid line; undefined if all are valid. */
export async function salvageListingFile(uris: string): Promise<{ rows: ListedFile[]; damage: string | undefined }> {
  const text = await readOptional(listingPath(uris))
  if (text === undefined) return { rows: [], damage: undefined }
  // Copies and editors on Windows add carriage returns.
  const [heading, ...lines] = text.split(/\r?\n/)
  // Nothing follows the last line break, unless the file is cut.
  const end = lines.pop()
  const rows = lines.map(parseRow)
  const valid = [heading === COLUMNS.join('\t'), ...rows, end === '']
  const damaged = valid.findIndex(isValid => !isValid)
  return {
    rows: rows.filter(row => row !== undefined),
    damage: damaged < 0 ? undefined : `${listingPath(uris)} is damaged in line ${damaged + 1}`,
  }
}

/** Parses a line of the listing file; undefined if it is damaged. */
function parseRow(line: string): ListedFile | undefined {
  const [name = '', night = '', size = '', modified = '', md5 = '', url = '', kind = ''] = line.split('\t')
  const bytes = /^\d+$/.test(size) ? Number(size) : Number.NaN
  const isValid =
    Number.isSafeInteger(bytes) && night === (parseNight(name)?.date ?? '') && URL.canParse(url) && KINDS.has(kind)
  return isValid ? { name, night, bytes, modified, md5, url, kind: kind as ListedFile['kind'] } : undefined
}

/**
 * Throws if the listing lacks more than three, and more than a tenth, of the known nights. Such a listing is
 * probably incomplete, because the archive hardly ever removes nights.
 */
export function assertNotShrunk(previous: readonly ListedFile[], listing: readonly ListedFile[]): void {
  const names = new Set(listing.map(({ name }) => name))
  const known = previous.filter(({ night }) => night)
  const missing = known.filter(({ name }) => !names.has(name))
  if (missing.length <= Math.max(3, known.length / 10)) return
  throw new Error(
    `the listing lacks ${missing.length} of the ${known.length} known nights (${missing[0]?.name}, ...); ` +
      'nothing was changed: set FORCE=yes to accept it',
  )
}

/** Nights that the archive has republished since the previous listing. */
export function republished(previous: readonly ListedFile[], listing: readonly ListedFile[]): ListedFile[] {
  const known = byName(previous)
  return listing.filter(row => {
    const before = known.get(row.name)
    return row.night && before && hasChanged(before, row)
  })
}

/** Copies known MD5s to rows that have none, for files that have not changed. */
export function keepMd5(previous: readonly ListedFile[], listing: readonly ListedFile[]): ListedFile[] {
  const known = byName(previous)
  return listing.map(row => {
    const before = known.get(row.name)
    return before && !row.md5 && !hasChanged(before, row) ? { ...row, md5: before.md5 } : row
  })
}

function byName(listing: readonly ListedFile[]): Map<string, ListedFile> {
  return new Map(listing.map(row => [row.name, row]))
}
