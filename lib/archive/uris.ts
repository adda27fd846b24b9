import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { remove, writeChanged } from '../files.ts'
import { find } from '../find.ts'
import { mapMany } from '../many.ts'
import type { Selection } from '../selection.ts'
import { holdsAlerts, type Listed } from './listing.ts'

const LISTS = '[0-9][0-9][0-9][0-9]/*.txt'

/** Which tarballs to list, and how many to a file. */
export interface UriSettings {
  readonly selection: Selection
  /** In bytes. */
  readonly least: number
  readonly group: number
}

/** The selected tarballs that hold alerts, in date order: what is to be fetched in the end. */
export function selected(listing: readonly Listed[], { selection, least }: Omit<UriSettings, 'group'>): Listed[] {
  const wanted = listing.filter(row => holdsAlerts(row) && selection(row.night) && row.bytes >= least)
  return wanted.sort(byNight)
}

/** Date order; of two tarballs of one date, by name. */
export function byNight(a: Listed, b: Listed): number {
  return a.night + a.name < b.night + b.name ? -1 : 1
}

/** All URLs of the lists. */
export async function readUris(uris: string): Promise<Set<string>> {
  const names = await find(uris, LISTS)
  const texts = await mapMany(names, name => readFile(join(uris, name), 'utf8'))
  return new Set(texts.flatMap(text => text.split('\n').filter(Boolean)))
}

/**
 * Writes `YYYY/NNN.txt` below `uris`: the URLs of a year, in date order, a group to a file, as `aria2c -i` takes them.
 * A file is written only if its content changes, and removed if it is no longer one of them.
 * @returns how many files there are, and how many of them changed
 */
export async function writeUris(uris: string, nights: readonly Listed[], group: number) {
  const files = uriFiles(nights, group)
  const changes = await mapMany([...files], ([name, text]) => writeChanged(join(uris, name), text))
  const stray = (await find(uris, LISTS)).filter(name => !files.has(name))
  await Promise.all(stray.map(name => remove(join(uris, name))))
  return { files: files.size, changed: changes.filter(Boolean).length + stray.length }
}

function uriFiles(nights: readonly Listed[], group: number): Map<string, string> {
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
