// Has the tasks of LAUNCHER fetch what is missing, each with the -j that make was given. The end of the download, which
// follows, tells of the nights; here it is told whose task died.

import { spread } from '../lib/cluster/spread.ts'
import { tryToWrite } from '../lib/files.ts'
import { missing } from '../lib/lake/inventory.ts'
import { holdOn } from '../lib/lock.ts'
import { endWithParents, makeAround } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { jobsFlag } from '../lib/shell.ts'
import type { NightEnd } from '../lib/work/tally.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const lock = paths.lock('download')
const id = await holdOn(lock, makeAround() ?? process.ppid)

// A make selects by date: so what shares a date is one task's.
const bytes = new Map<string, number>()
for (const row of await missing(settings, paths)) bytes.set(row.night, (bytes.get(row.night) ?? 0) + row.bytes)
const nights = [...bytes].map(([stem, sum]) => ({ stem, bytes: sum }))
const tell = ({ line, failed }: NightEnd) => failed && say(line)
await spread({ lock, id, nights }, settings.LAUNCHER, tell, ['fetchtask', ...jobsFlag()])
// What is written into a folder here has NFS look what others have put there.
await tryToWrite(paths.tarballs)
