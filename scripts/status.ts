// Prints the state of every night, and the progress of running commands.
import { readQuarantine } from '../lib/archive/quarantine.ts'
import { readUrlLists } from '../lib/archive/url-lists.ts'
import { print, printLines } from '../lib/core/console.ts'
import { plural } from '../lib/core/units.ts'
import { LakeIndex } from '../lib/index/lake-index.ts'
import { ignoredTarballs } from '../lib/nights/ignored-tarballs.ts'
import { readStatus } from '../lib/nights/status.ts'
import { statusLines } from '../lib/nights/status-table.ts'
import { activeRuns } from '../lib/progress/notes.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
const nights = await readStatus(settings, paths)
const [urls, quarantine] = [await readUrlLists(settings.URIS), await readQuarantine(paths)]
const [counts = '', ...remarks] = statusLines(nights, urls, quarantine, paths)
printLines(counts)
for (const line of remarks) print(line)
const ignored = await ignoredTarballs(paths)
if (ignored) print(ignored)
const unindexed = (await LakeIndex.open(paths)).missing(settings.NIGHTS).length
if (unindexed > 0) print(`not in the index: ${plural(unindexed, 'night')}: make index`)
for (const line of await activeRuns(paths)) print(line)
