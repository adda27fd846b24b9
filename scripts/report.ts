// Writes data/report.html, with the state of every night and charts of the lake's contents.
import { writeFile } from 'node:fs/promises'
import { print } from '../lib/core/console.ts'
import { exists, replaceFile } from '../lib/core/files.ts'
import { showBytes } from '../lib/core/units.ts'
import { readRuns } from '../lib/nights/runs.ts'
import { readStatus } from '../lib/nights/status.ts'
import { nightCounts } from '../lib/report/counts.ts'
import { makePage } from '../lib/report/html.ts'
import { overviewOf } from '../lib/report/overview.ts'
import { refuseOut, startCommand } from './command.ts'

const { settings, paths } = startCommand()
refuseOut(settings, 'make report', paths.report)
if (!(await exists(paths.data))) throw new Error(`DATA is ${paths.data}, which does not exist: run make download first`)
const states = await readStatus(settings, paths)
const context = { made: Date.now(), runs: await readRuns(paths), data: paths.data }
const overview = overviewOf(states, settings.NIGHTS, context)
const page = await makePage(overview)
await replaceFile(paths.report, temporary => writeFile(temporary, page))
print(`${paths.report}: ${nightCounts(overview.nights)}; ${showBytes(Buffer.byteLength(page))}; open it in a browser`)
