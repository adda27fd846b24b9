// Foretells what the selected nights of the listing will take: time, disk, files, and what binds.

import { readRecord, recordPath } from '../lib/archive/record.ts'
import { selected } from '../lib/archive/uris.ts'
import { amount, outlook } from '../lib/plan/outlook.ts'
import { say, table } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'

const settings = readSettings()
const { CORES, NODES, LINK, DISK, AHEAD } = settings
const nights = selected(await readRecord(settings.URIS), { selection: settings.NIGHTS, least: settings.MIN_SIZE })
if (nights.length === 0)
  throw new Error(`${recordPath(settings.URIS)} has none of the nights asked for: make uris lists what there is`)

say(amount(nights, settings.ALERTS_PER_FILE))
const where = `${plural(NODES, 'node')} of ${plural(CORES, 'core')}`
say(`${where}, ${LINK / 1e6} MB/s from the archive, ${DISK / 1e6} MB/s of disk\n`)
say(table(outlook(nights, { cores: CORES, nodes: NODES, link: LINK, disk: DISK }, AHEAD)))
say('\nthe last columns: what each would take if nothing else were scarce, and the largest night alone')
