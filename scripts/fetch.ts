// Fetches one night, named as in the archive. A failure is recorded and said, and stops no other night.
import { fetchNight } from '../lib/download.ts'
import { forgetFailure, recordFailure } from '../lib/failures.ts'
import { wanted } from '../lib/inventory.ts'
import { parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { showBytes, showSeconds } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const name = process.argv[2] ?? ''
const night = parseNight(name)
const listed = (await wanted(settings, paths)).find(row => row.name === name)
if (!night || !listed)
  throw new Error(`${name} is no night to fetch: expected one of the lists that is not in the lake`)

const began = performance.now()
try {
  const bytes = await fetchNight(paths, listed, settings.CONNECTIONS)
  await forgetFailure(paths, night)
  const seconds = (performance.now() - began) / 1000
  say(`fetched   ${night.stem}  ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`)
} catch (error) {
  const reason = `it was not fetched: ${(error as Error).message}`
  await recordFailure(paths, night, reason)
  say(`FAILED    ${night.stem}  ${reason}`)
}
