// Downloads the tarball whose name is given by nights.mk. Exits with 0 even if the download fails, so that make
// continues with the other nights.
import { fetchNight } from '../lib/archive/download.ts'
import { readListingFile } from '../lib/archive/listing-file.ts'
import { clearPaths } from '../lib/archive/partial-file.ts'
import { waitForTurn } from '../lib/archive/throttle.ts'
import { print } from '../lib/core/console.ts'
import { describeError, obstacleAt } from '../lib/core/errors.ts'
import { showBytes, showSeconds } from '../lib/core/units.ts'
import { parseNight } from '../lib/night.ts'
import { forgetFailure, recordFailure } from '../lib/nights/failures.ts'
import { needsDownload } from '../lib/nights/inventory.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
const name = process.argv[2] ?? ''
const night = parseNight(name)
if (!night) throw new Error(`${name} is not a night's tarball: expected a name such as ztf_public_20200101.tar.gz`)
const { stem } = night
const row = (await readListingFile(settings.URIS)).find(row => row.name === name)
const printWaiting = (reason: string) => print(`waiting   ${stem}  ${reason}`)

try {
  if (row && !obstacleAt(paths.tarball(night)) && !(await needsDownload(paths, row))) {
    print(`not needed ${stem}  it has arrived since this run began`)
    process.exit()
  }
  // Clear the old failure before the download, not after it, because a concurrent conversion may record a new one
  // in the meantime.
  await forgetFailure(paths, night)
  if (!row) throw new Error('it is no longer in the listing')
  // A download that waits writes its partial file too.
  await clearPaths(paths, night)
  await waitForTurn(paths.downloadLimit, name, paths.part(night), () =>
    printWaiting(
      `${showBytes(row.bytes)}, until fewer tarballs wait to be converted: AHEAD is ${showBytes(settings.AHEAD)}`,
    ),
  )
  const began = performance.now()
  const bytes = await fetchNight(paths, row, settings.CONNECTIONS, printWaiting)
  const seconds = (performance.now() - began) / 1000
  print(`fetched   ${stem}  ${showBytes(bytes)} in ${showSeconds(seconds)}, ${showBytes(bytes / seconds)}/s`)
} catch (error) {
  const reason = `it was not fetched: ${describeError(error, paths.tarballs)}`
  await recordFailure(paths, night, reason)
  print(`FAILED    ${stem}  ${reason}`)
}
