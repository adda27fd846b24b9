// Writes the page to look at: where every night is, and what the lake amounts to.
import { writeWhole } from '../lib/files.ts'
import { readStates } from '../lib/lake/states.ts'
import { overviewOf } from '../lib/overview/overview.ts'
import { makePage } from '../lib/overview/page.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const states = await readStates(settings, paths)
const page = await makePage(overviewOf(states, settings.NIGHTS, Date.now()))
await writeWhole(paths.report, page)
say(`${paths.report}: ${plural(states.length, 'night')}, ${showBytes(Buffer.byteLength(page))}; open it in a browser`)
