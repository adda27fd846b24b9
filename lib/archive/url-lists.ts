import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob, mapLimit, remove, writeChanged } from '../core/files.ts'
import type { Selection } from '../selection.ts'
import { holdsAlerts, type ListedFile } from './listing.ts'

const LISTS = '[0-9][0-9][0-9][0-9]/*.txt'

/** Which tarballs to list, and how many to a file. */
export interface UrlListSettings {
  readonly selection: Selection
  /** In bytes. */
  readonly minBytes: number
  readonly urlsPerList: number
}

/** The selected tarballs that hold alerts, in date order: what is to be fetched in the end. */
export function selectNights(
  listing: readonly ListedFile[],
  { selection, minBytes }: Omit<UrlListSettings, 'urlsPerList'>,
): ListedFile[] {
  const wanted = listing.filter(row => holdsAlerts(row) && selection(row.night) && row.bytes >= minBytes)
  return wanted.sort(byNight)
}

/** Date order; of two tarballs of one date, by name. */
export function byNight(a: ListedFile, b: ListedFile): number {
  return a.night + a.name < b.night + b.name ? -1 : 1
}

/** All URLs of the lists. */
export async function readUrlLists(uris: string): Promise<Set<string>> {
  const names = await glob(uris, LISTS)
  const texts = await mapLimit(names, name => readFile(join(uris, name), 'utf8'))
  return new Set(texts.flatMap(text => text.split('\n').filter(Boolean)))
}

/**
 * Writes `YYYY/NNN.txt` below `uris`: the URLs of a year, in date order, a group to a file, as `aria2c -i` takes them.
 * A file is written only if its content changes, and removed if it is no longer one of them.
 * @returns how many files there are, and how many of them changed
 */
export async function writeUrlLists(uris: string, nights: readonly ListedFile[], group: number) {
  const files = uriFiles(nights, group)
  const changes = await mapLimit([...files], ([name, text]) => writeChanged(join(uris, name), text))
  const stray = (await glob(uris, LISTS)).filter(name => !files.has(name))
  await Promise.all(stray.map(name => remove(join(uris, name))))
  return { files: files.size, changed: changes.filter(Boolean).length + stray.length }
}

function uriFiles(nights: readonly ListedFile[], group: number): Map<string, string> {
  const files = new Map<string, string>()
  const met: Record<string, number> = {}
  for (const { night, url } of nights) {
    const year = night.slice(0, 4)
    const number = Math.floor((met[year] ?? 0) / group) + 1
    met[year] = (met[year] ?? 0) + 1
    const name = `${year}/${String(number).padStart(3, '0')}.txt`
    files.set(name, `${files.get(name) ?? ''}${url}\n`)
  }
  return files
}
