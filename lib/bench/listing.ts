import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { indexPage } from '../synthetic/index-page.ts'
import { nightName } from '../synthetic/night.ts'
import { datesOf } from './nights.ts'

/** Files of the archive's listing, and its median night, of 8.5 GiB. */
const FILES = 2964
const BYTES = 8.5 * 2 ** 30
const MODIFIED = new Date('2026-07-02T07:22:00Z')

/** Writes a listing of as many files as the archive's own, as a browser saves it; returns its path. */
export async function listingPage(folder: string): Promise<string> {
  const path = join(folder, 'index.html')
  const entries = datesOf(FILES).map(date => ({ name: nightName(date), size: BYTES, modified: MODIFIED }))
  await mkdir(folder, { recursive: true })
  await writeFile(path, indexPage(entries))
  return path
}
