// Writes the archive's listing to uris/listing.tsv and the URL lists to uris/YYYY/NNN.txt, and prints totals per year.
import { join } from 'node:path'
import { expectedAlerts, expectedLake, summarizeByYear, type YearSummary } from '../lib/archive/estimates.ts'
import { fetchListing } from '../lib/archive/fetch-listing.ts'
import { holdsAlerts } from '../lib/archive/listing.ts'
import {
  assertNotShrunk,
  keepMd5,
  republished,
  salvageListingFile,
  writeListingFile,
} from '../lib/archive/listing-file.ts'
import { selectNights, writeUrlLists } from '../lib/archive/url-lists.ts'
import { print, printLines, table } from '../lib/core/console.ts'
import { diskOf } from '../lib/core/disk.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { plural, showBytes, showCount, someOf } from '../lib/core/units.ts'
import { startCommand } from './command.ts'

const { settings } = startCommand()
const lock = join(settings.URIS, '.lock')
await acquireLock(lock, { folder: settings.URIS, what: 'make uris', onWait: print })
process.once('exit', () => releaseLock(lock))
const { rows: previous, damage } = await salvageListingFile(settings.URIS)
if (damage) print(`${damage}: it is written again`)
const listing = keepMd5(previous, await fetchListing(settings.ARCHIVE, settings.LISTING, print))
if (settings.FORCE === 'no') assertNotShrunk(previous, listing)

const selected = listing.filter(({ night }) => night && settings.NIGHTS(night))
if (selected.length === 0) throw new Error('no listed night matches NIGHTS; nothing was changed: give other NIGHTS')

const again = republished(previous, listing).filter(({ night }) => settings.NIGHTS(night))
const nights = selectNights(listing, { selection: settings.NIGHTS, minBytes: settings.MIN_SIZE })
const { files, changed } = await writeUrlLists(settings.URIS, nights, settings.URLS_PER_LIST)
await writeListingFile(settings.URIS, listing)

const counts = summarizeByYear(listing, settings.NIGHTS)
const heading = ['year', 'nights', 'empty', 'programid3', 'no file', 'volume', 'alerts, about', 'lake, about']
printLines(narrowed([heading, ...counts.map(row)]))
const { nights: all, programid3, empty, missing, bytes } = counts.at(-1) as YearSummary
printLines(
  `\n${plural(all, 'night')} listed: ${showCount(all - empty)} with alerts (${programid3} of them programid3), ` +
    `${empty} empty; ${plural(missing, 'date')} without a file; ${showBytes(bytes)}`,
)
print(`free on the disk of ${settings.DATA}: ${showBytes((await diskOf(settings.DATA)).free)}`)
const others = listing.filter(({ kind, name }) => kind === 'other' && name !== 'MD5SUMS').map(({ name }) => name)
if (others.length > 0) print(`ignored, since they are not nights: ${showCount(others.length)} (${someOf(others)})`)
const left = listing.filter(row => holdsAlerts(row) && settings.NIGHTS(row.night)).length - nights.length
if (left > 0) print(`left out by MIN_SIZE: ${plural(left, 'tarball')}`)
const unverified = nights.filter(({ md5 }) => !md5).map(({ name }) => name)
if (unverified.length > 0 && unverified.length < nights.length)
  print(`listed without a checksum: ${plural(unverified.length, 'tarball')} (${someOf(unverified)})`)
if (again.length > 0) print(`republished since they were last listed: ${someOf(again.map(({ name }) => name))}`)
print(
  `${plural(nights.length, 'URL')} in ${plural(files, 'list')} below ${settings.URIS}, ${changed || 'none'} changed`,
)

/** Table without the last columns that the terminal is too narrow for. */
function narrowed(rows: readonly (readonly string[])[]): string {
  const text = table(rows)
  const isWide = Math.max(...text.split('\n').map(({ length }) => length)) > (process.stdout.columns || Infinity)
  return isWide && (rows[0]?.length ?? 0) > 2 ? narrowed(rows.map(cells => cells.slice(0, -1))) : text
}

function row(count: YearSummary): string[] {
  const { label, nights, empty, programid3, missing, bytes } = count
  const alerts = showCount(expectedAlerts(bytes))
  return [
    label,
    ...[nights, empty, programid3, missing].map(showCount),
    showBytes(bytes),
    alerts,
    showBytes(expectedLake(bytes)),
  ]
}
