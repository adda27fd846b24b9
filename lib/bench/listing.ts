import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { indexPage } from '../synthetic/index-page.ts'
import { nightName } from '../synthetic/night.ts'
import { firstDates } from './nights.ts'

/** Number of files in the archive's listing of July 2026. */
const FILES = 2964
/** Size of the median night. */
const BYTES = 8.5 * 2 ** 30
const MODIFIED = new Date('2026-07-02T07:22:00Z')

/** Writes an index page as long as the archive's; returns its path. */
export async function writeListingPage(folder: string): Promise<string> {
  const path = join(folder, 'index.html')
  const entries = firstDates(FILES).map(date => ({ name: nightName(date), size: BYTES, modified: MODIFIED }))
  await mkdir(folder, { recursive: true })
  await writeFile(path, indexPage(entries))
  return path
}
