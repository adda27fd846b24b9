// Stops a download before it starts where another is at work, or the disk cannot hold what is to come.

import { bytesToFetch } from '../lib/archive/download.ts'
import { expectedLake } from '../lib/archive/estimates.ts'
import { print } from '../lib/core/console.ts'
import { checkDiskSpace, ensureWritable, type SpaceNeeded } from '../lib/core/disk.ts'
import { diskOf } from '../lib/core/files.ts'
import { acquireLock, isHeldBy, releaseLock } from '../lib/core/lock.ts'
import { isBesideConversion, makeAround, runAround } from '../lib/core/process.ts'
import { plural, showBytes } from '../lib/core/units.ts'
import { nightsToDownload, notInLake } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
await ensureWritable(paths.data, paths.tarballs)
const lock = paths.lock('download')
const pid = makeAround()
const run = runAround()
if (run && !(await isHeldBy(lock, run))) throw new Error('the run that this works for has ended: the next one goes on')
// Processes without number work for make: so it is the one that holds the tarballs, until it ends or all are fetched.
if (pid && !run) await acquireLock(lock, { folder: paths.tarballs, what: 'make download', onWait: print, pid })
process.once('exit', code => code !== 0 && releaseLock(lock, pid))

const nights = await nightsToDownload(settings, paths)
const bytes = await bytesToFetch(paths, nights)
await checkDiskSpace(isBesideConversion() ? [tarballs(), await lake()] : [toFetch()])
const { free } = await diskOf(paths.tarballs)
print(`${plural(nights.length, 'night')} to fetch, about ${showBytes(bytes)}; ${showBytes(free)} free`)

function toFetch(): SpaceNeeded {
  return { folder: paths.tarballs, bytes, what: 'are left to fetch' }
}

/** Tarballs that are there at one time. A night that is larger than AHEAD is there alone. */
function tarballs(): SpaceNeeded {
  if (settings.KEEP_TARS === 'yes') return toFetch()
  const most = Math.max(settings.AHEAD, ...nights.map(night => night.bytes))
  return { folder: paths.tarballs, bytes: Math.min(bytes, most), what: 'of tarballs are there at a time' }
}

async function lake(): Promise<SpaceNeeded> {
  const total = (await notInLake(settings, paths)).reduce((sum, night) => sum + night.bytes, 0)
  return { folder: paths.lake, bytes: Math.round(expectedLake(total)), what: 'of lake, about, are to be written' }
}
