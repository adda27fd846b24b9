// Writes data/report.html, with the state of every night and charts of the lake's contents; with NIGHTS=2020,
// data/report_2020.html.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { exists, replaceFile } from '../lib/core/files.ts'
import { showBytes } from '../lib/core/units.ts'
import { readRuns } from '../lib/nights/runs.ts'
import { readStatus } from '../lib/nights/status.ts'
import { pageName } from '../lib/page-name.ts'
import { nightCounts } from '../lib/report/counts.ts'
import { makePage } from '../lib/report/html.ts'
import { overviewOf } from '../lib/report/overview.ts'
import { everyNight } from '../lib/selection.ts'
import { settingText } from '../lib/settings.ts'
import { refuseOut, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const path = join(paths.data, `${pageName('report', settingText('NIGHTS'))}.html`)
refuseOut(settings, 'make report', path)
if (!(await exists(paths.data))) throw new Error(`DATA is ${paths.data}, which does not exist: run make download first`)
const states = await readStatus(settings, paths)
if (states.length === 0 && settings.NIGHTS !== everyNight)
  throw new Error('none of the selected nights is listed, on disk or in the lake: give other NIGHTS')
const context = { made: Date.now(), runs: await readRuns(paths), data: paths.data }
const overview = overviewOf(states, settings.NIGHTS, context)
const page = await makePage(overview)
await replaceFile(path, temporary => writeFile(temporary, page))
print(`${path}: ${nightCounts(overview.nights)}; ${showBytes(Buffer.byteLength(page))}; open it in a browser`)
