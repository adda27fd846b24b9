import { join } from 'node:path'
import { readIfThere, writeChanged } from '../files.ts'
import { hasChanged } from './edition.ts'
import type { Listed } from './listing.ts'

/**
 * The record of the whole listing, one file a line, tab-separated with a heading: what everything after `make uris`
 * knows of the archive. People read it as it is, with awk, or with DuckDB's `read_csv`.
 */
const COLUMNS = ['name', 'night', 'bytes', 'modified', 'md5', 'url', 'kind'] as const

export function recordPath(uris: string): string {
  return join(uris, 'listing.tsv')
}

/** Writes the record if that changes it; returns whether it did. */
export async function writeRecord(uris: string, listing: readonly Listed[]): Promise<boolean> {
  const lines = listing.map(row => COLUMNS.map(column => row[column]).join('\t'))
  return writeChanged(recordPath(uris), `${[COLUMNS.join('\t'), ...lines].join('\n')}\n`)
}

/** Reads the record; empty where there is none yet. */
export async function readRecord(uris: string): Promise<Listed[]> {
  const [, ...lines] = ((await readIfThere(recordPath(uris))) ?? '').trimEnd().split('\n')
  return lines.map(line => {
    const [name = '', night = '', bytes = '', modified = '', md5 = '', url = '', kind = ''] = line.split('\t')
    return { name, night, bytes: Number(bytes), modified, md5, url, kind: kind as Listed['kind'] }
  })
}

/**
 * Guards against a listing that lost nights: the archive only grows, so a tenth of it missing is a fault on the way.
 * @throws Error in one sentence where the new listing names far fewer nights than the record
 */
export function refuseShrunk(record: readonly Listed[], listing: readonly Listed[]): void {
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
export function publishedAgain(record: readonly Listed[], listing: readonly Listed[]): Listed[] {
  const known = new Map(record.map(row => [row.name, row]))
  return listing.filter(row => {
    const before = known.get(row.name)
    return row.night && before && hasChanged(before, row)
  })
}
