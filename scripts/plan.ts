// Forecasts time, disk space and number of files for the selected nights in the listing, and shows the bottleneck.

import { listingPath, readListingFile } from '../lib/archive/listing-file.ts'
import { selectNights } from '../lib/archive/url-lists.ts'
import { print, printLines, table } from '../lib/core/console.ts'
import { plural } from '../lib/core/units.ts'
import { emptyClause } from '../lib/nights/empty-nights.ts'
import { aheadNote, describe, forecastTable } from '../lib/plan/table.ts'
import { startCommand } from './command.ts'

const { URIS, NIGHTS, MIN_SIZE, ALERTS_PER_FILE, CORES, NODES, LINK, DISK, AHEAD } = startCommand().settings
const listing = await readListingFile(URIS)
const nights = selectNights(listing, { selection: NIGHTS, minBytes: MIN_SIZE })
if (nights.length === 0) {
  const reason = emptyClause(listing, NIGHTS) ?? 'run make uris first, or give other NIGHTS'
  throw new Error(`${listingPath(URIS)} lists none of the selected nights with alerts: ${reason}`)
}

print(describe(nights, ALERTS_PER_FILE))
printLines(
  `${plural(NODES, 'node')} of ${plural(CORES, 'core')}; assumed: ` +
    `${LINK / 1e6} MB/s from the archive (LINK=), ${DISK / 1e6} MB/s of disk (DISK=)\n`,
)
printLines(table(forecastTable(nights, { cores: CORES, nodes: NODES, link: LINK, disk: DISK }, AHEAD)))
printLines('\nlast four columns: time that each resource needs by itself, and the slowest night by itself')
const note = aheadNote(nights, AHEAD)
if (note) print(note)
