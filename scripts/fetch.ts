// Fetches one night, named as in the archive. A failure is recorded and said, and stops no other night.
// Beside a conversion that removes tarballs, it waits for its turn.
import { waitForTurn } from '../lib/ahead.ts'
import { fetchNight } from '../lib/download.ts'
import { forgetFailure, recordFailure } from '../lib/failures.ts'
import { sentenceOf } from '../lib/faults.ts'
import { isMissing, wanted } from '../lib/inventory.ts'
import { parseNight } from '../lib/night.ts'
import { endWithParents, isBesideConversion } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { showBytes, showSeconds } from '../lib/units.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const name = process.argv[2] ?? ''
const night = parseNight(name)
const nights = await wanted(settings, paths)
const at = nights.findIndex(row => row.name === name)
const listed = nights[at]
if (!night) throw new Error(`${name} is no night's name: expected one such as ztf_public_20200101.tar.gz`)
const { stem } = night
if (!listed || !(await isMissing(paths, listed))) {
  say(`not wanted ${stem}  it has come, or left the lists, since this run began`)
  process.exit()
}
const { AHEAD, KEEP_TARS, CONNECTIONS } = settings
const waiting = (inFront: number) =>
  say(
    `waiting   ${stem}  ${showBytes(listed.bytes)}, with ${showBytes(inFront)} in front: AHEAD is ${showBytes(AHEAD)}`,
  )

try {
  // Not once it is fetched: a conversion beside this may have recorded one of its own by then.
  await forgetFailure(paths, night)
  if (isBesideConversion() && KEEP_TARS === 'no')
    await waitForTurn(paths, night, nights.slice(0, at), { bytes: listed.bytes, most: AHEAD }, waiting)
  const began = performance.now()
  const bytes = await fetchNight(paths, listed, CONNECTIONS)
  const seconds = (performance.now() - began) / 1000
  say(`fetched   ${stem}  ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`)
} catch (error) {
  const reason = `it was not fetched: ${sentenceOf(error, paths.tarballs)}`
  await recordFailure(paths, night, reason)
  say(`FAILED    ${stem}  ${reason}`)
}
