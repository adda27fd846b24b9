import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob, mapLimit, remove, writeChanged } from '../core/files.ts'
import type { Selection } from '../selection.ts'
import { holdsAlerts, type ListedFile } from './listing.ts'

const LISTS = '[0-9][0-9][0-9][0-9]/*.txt'

/** Selected tarballs that contain alerts and are not smaller than `minBytes`, in date order. */
export function selectNights(
  listing: readonly ListedFile[],
  { selection, minBytes }: { selection: Selection; minBytes: number },
): ListedFile[] {
  const selected = listing.filter(row => holdsAlerts(row) && selection(row.night) && row.bytes >= minBytes)
  return selected.sort(byNight)
}

/** Compares two files by date, then by name. */
export function byNight(a: ListedFile, b: ListedFile): number {
  return a.night + a.name < b.night + b.name ? -1 : 1
}

export async function readUrlLists(uris: string): Promise<Set<string>> {
  const names = await glob(uris, LISTS)
  const texts = await mapLimit(names, name => readFile(join(uris, name), 'utf8'))
  return new Set(texts.flatMap(text => text.split(/\s+/).filter(Boolean)))
}

/**
 * Writes lists of URLs for `aria2c -i`, in date order, to `YYYY/NNN.txt` below `uris`. Unchanged lists are not
 * rewritten, and obsolete ones are removed.
 * @returns the number of lists, and the number of lists changed or removed
 */
export async function writeUrlLists(uris: string, nights: readonly ListedFile[], urlsPerList: number) {
  const files = listContents(nights, urlsPerList)
  const changes = await mapLimit([...files], ([name, text]) => writeChanged(join(uris, name), text))
  const obsolete = (await glob(uris, LISTS)).filter(name => !files.has(name))
  await Promise.all(obsolete.map(name => remove(join(uris, name))))
  return { files: files.size, changed: changes.filter(Boolean).length + obsolete.length }
}

/** Content of each list, by its path below `uris`. */
function listContents(nights: readonly ListedFile[], urlsPerList: number): Map<string, string> {
  const files = new Map<string, string>()
  const urlsOfYear: Record<string, number> = {}
  for (const { night, url } of nights) {
    const year = night.slice(0, 4)
    const position = urlsOfYear[year] ?? 0
    urlsOfYear[year] = position + 1
    const number = Math.floor(position / urlsPerList) + 1
    const name = `${year}/${String(number).padStart(3, '0')}.txt`
    files.set(name, `${files.get(name) ?? ''}${url}\n`)
  }
  return files
}
