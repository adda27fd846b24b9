// Lists the archive's nights: uris/listing.tsv and uris/YYYY/NNN.txt, and what they amount to.
import { join } from 'node:path'
import { type Census, census, expectedAlerts, expectedLake } from '../lib/archive/census.ts'
import { holdsAlerts, keepMd5 } from '../lib/archive/listing.ts'
import { publishedAgain, readRecord, refuseShrunk, writeRecord } from '../lib/archive/record.ts'
import { readListing } from '../lib/archive/source.ts'
import { selected, writeUris } from '../lib/archive/uris.ts'
import { diskOf } from '../lib/files.ts'
import { hold, release } from '../lib/lock.ts'
import { say, table } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes, showCount } from '../lib/units.ts'

const settings = readSettings()
const lock = join(settings.URIS, '.lock')
await hold(lock, { folder: settings.URIS, what: 'make uris' })
process.once('exit', () => release(lock))
const record = await readRecord(settings.URIS)
const listing = keepMd5(await readListing(settings.ARCHIVE, settings.LISTING, say), record)
if (settings.FORCE === 'no') refuseShrunk(record, listing)

const again = publishedAgain(record, listing).filter(({ night }) => settings.NIGHTS(night))
const nights = selected(listing, { selection: settings.NIGHTS, least: settings.MIN_SIZE })
const { files, changed } = await writeUris(settings.URIS, nights, settings.GROUP)
await writeRecord(settings.URIS, listing)

const counts = census(listing, settings.NIGHTS)
const heading = ['year', 'nights', 'programid3', 'empty', 'no file', 'volume', 'alerts, about', 'lake, about']
say(table([heading, ...counts.map(row)]))
const total = counts.at(-1) as Census
const { nights: whole, programid3, empty, missing, bytes } = total
say(
  `\n${plural(whole + programid3, 'tarball')} with alerts (${plural(whole, 'night')}, ${programid3} programid3), ` +
    `${empty} empty, ${plural(missing, 'date')} without a file, ${showBytes(bytes)}`,
)
say(`free on the disk of ${settings.DATA}: ${showBytes((await diskOf(settings.DATA)).free)}`)
const others = listing.filter(({ kind, name }) => kind === 'other' && name !== 'MD5SUMS').map(({ name }) => name)
if (others.length > 0) say(`not nights, and left alone: ${others.length} (${others.join(', ')})`)
const left = listing.filter(row => holdsAlerts(row) && settings.NIGHTS(row.night)).length - nights.length
if (left > 0) say(`left out by MIN_SIZE: ${plural(left, 'tarball')}`)
if (again.length > 0) say(`published again since they were last listed: ${again.map(({ name }) => name).join(', ')}`)
say(`${plural(nights.length, 'URL')} in ${plural(files, 'list')} below ${settings.URIS}, ${changed || 'none'} changed`)

function row(count: Census): string[] {
  const { label, nights, programid3, empty, missing, bytes } = count
  const alerts = showCount(expectedAlerts(bytes))
  return [
    label,
    ...[nights, programid3, empty, missing].map(showCount),
    showBytes(bytes),
    alerts,
    showBytes(expectedLake(bytes)),
  ]
}
