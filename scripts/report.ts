// Writes data/report.html, with the state of every night and charts of the lake's contents.
import { writeFile } from 'node:fs/promises'
import { print } from '../lib/core/console.ts'
import { makeFolder, replaceFile } from '../lib/core/files.ts'
import { plural, showBytes } from '../lib/core/units.ts'
import { readStatus } from '../lib/nights/status.ts'
import { makePage } from '../lib/report/html.ts'
import { overviewOf } from '../lib/report/overview.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
const states = await readStatus(settings, paths)
const page = await makePage(overviewOf(states, settings.NIGHTS, Date.now()))
await makeFolder(paths.data)
await replaceFile(paths.report, temporary => writeFile(temporary, page))
print(`${paths.report}: ${plural(states.length, 'night')}, ${showBytes(Buffer.byteLength(page))}; open it in a browser`)
