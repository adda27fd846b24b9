// Foretells what the selected nights of the listing will take: time, disk, files, and what binds.

import { listingPath, readListingFile } from '../lib/archive/listing-file.ts'
import { selectNights } from '../lib/archive/url-lists.ts'
import { print, table } from '../lib/core/console.ts'
import { plural } from '../lib/core/units.ts'
import { describe, forecastTable } from '../lib/plan/table.ts'
import { readSettings } from '../lib/settings.ts'

const settings = readSettings()
const { CORES, NODES, LINK, DISK, AHEAD } = settings
const nights = selectNights(await readListingFile(settings.URIS), {
  selection: settings.NIGHTS,
  minBytes: settings.MIN_SIZE,
})
if (nights.length === 0)
  throw new Error(`${listingPath(settings.URIS)} has none of the nights asked for: make uris lists what there is`)

print(describe(nights, settings.ALERTS_PER_FILE))
const where = `${plural(NODES, 'node')} of ${plural(CORES, 'core')}`
print(`${where}, ${LINK / 1e6} MB/s from the archive, ${DISK / 1e6} MB/s of disk\n`)
print(table(forecastTable(nights, { cores: CORES, nodes: NODES, link: LINK, disk: DISK }, AHEAD)))
print('\nthe last columns: what each would take if nothing else were scarce, and the largest night alone')
