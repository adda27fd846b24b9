// Writes the page to look at: where every night is, and what the lake amounts to.

import { print } from '../lib/core/console.ts'
import { writeAtomic } from '../lib/core/files.ts'
import { plural, showBytes } from '../lib/core/units.ts'
import { readStatus } from '../lib/nights/status.ts'
import { Paths } from '../lib/paths.ts'
import { makePage } from '../lib/report/html.ts'
import { overviewOf } from '../lib/report/overview.ts'
import { readSettings } from '../lib/settings.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const states = await readStatus(settings, paths)
const page = await makePage(overviewOf(states, settings.NIGHTS, Date.now()))
await writeAtomic(paths.report, page)
print(`${paths.report}: ${plural(states.length, 'night')}, ${showBytes(Buffer.byteLength(page))}; open it in a browser`)
