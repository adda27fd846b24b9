// Fetches one night, named as in the archive. A failure is recorded and said, and stops no other night.
// Beside a conversion that removes tarballs, it waits for its turn.

import { fetchNight } from '../lib/archive/download.ts'
import { readListingFile } from '../lib/archive/listing-file.ts'
import { waitForTurn } from '../lib/archive/throttle.ts'
import { print } from '../lib/core/console.ts'
import { describeError, obstacleAt } from '../lib/core/errors.ts'
import { holdOn } from '../lib/core/lock.ts'
import { exitWithParent, isBesideConversion, makeAround, runAround } from '../lib/core/process.ts'
import { showBytes, showSeconds } from '../lib/core/units.ts'
import { parseNight } from '../lib/night.ts'
import { forgetFailure, recordFailure } from '../lib/nights/failures.ts'
import { listedBefore, needsDownload } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
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
const listed = (await readListingFile(URIS)).find(row => row.name === name)
if (!listed || !(obstacleAt(paths.tarball(night)) || (await needsDownload(paths, listed)))) {
  print(`not wanted ${stem}  it has come, or left the listing, since this run began`)
  process.exit()
}
const waiting = (why: string) => print(`waiting   ${stem}  ${why}`)
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
  print(`fetched   ${stem}  ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`)
} catch (error) {
  const reason = `it was not fetched: ${describeError(error, paths.tarballs)}`
  await recordFailure(paths, night, reason)
  print(`FAILED    ${stem}  ${reason}`)
}
