// Fetches one night, named as in the archive. A failure is recorded and said, and stops no other night.
// Beside a conversion that removes tarballs, it waits for its turn.
import { waitForTurn } from '../lib/archive/ahead.ts'
import { fetchNight } from '../lib/archive/download.ts'
import { readRecord } from '../lib/archive/record.ts'
import { inTheWay, sentenceOf } from '../lib/faults.ts'
import { forgetFailure, recordFailure } from '../lib/lake/failures.ts'
import { isMissing, listedBefore } from '../lib/lake/inventory.ts'
import { holdOn } from '../lib/lock.ts'
import { parseNight } from '../lib/night.ts'
import { endWithParents, isBesideConversion, makeAround, runAround } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { showBytes, showSeconds } from '../lib/units.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
// Of a run that is spread over hosts who started it shows life: downloads that go on without it must not.
const pid = makeAround()
if (pid && !runAround()) await holdOn(paths.lock('download'), pid)
const name = process.argv[2] ?? ''
const night = parseNight(name)
if (!night) throw new Error(`${name} is no night's name: expected one such as ztf_public_20200101.tar.gz`)
const { stem } = night
const { AHEAD, KEEP_TARS, CONNECTIONS, URIS } = settings
// Of thousands of processes none is to read all lists and manifests.
const listed = (await readRecord(URIS)).find(row => row.name === name)
if (!listed || !(inTheWay(paths.tarball(night)) || (await isMissing(paths, listed)))) {
  say(`not wanted ${stem}  it has come, or left the listing, since this run began`)
  process.exit()
}
const waiting = (why: string) => say(`waiting   ${stem}  ${why}`)
const waitingBehind = (inFront: number) =>
  waiting(`${showBytes(listed.bytes)}, with ${showBytes(inFront)} in front: AHEAD is ${showBytes(AHEAD)}`)

try {
  // Not once it is fetched: a conversion beside this may have recorded one of its own by then.
  await forgetFailure(paths, night)
  if (isBesideConversion() && KEEP_TARS === 'no') {
    const before = await listedBefore(name, settings, paths)
    await waitForTurn(paths, night, before, { bytes: listed.bytes, most: AHEAD }, waitingBehind)
  }
  const began = performance.now()
  const bytes = await fetchNight(paths, listed, CONNECTIONS, waiting)
  const seconds = (performance.now() - began) / 1000
  say(`fetched   ${stem}  ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`)
} catch (error) {
  const reason = `it was not fetched: ${sentenceOf(error, paths.tarballs)}`
  await recordFailure(paths, night, reason)
  say(`FAILED    ${stem}  ${reason}`)
}
