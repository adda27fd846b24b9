// Stops a download before it starts where another is at work, or the disk cannot hold what is to come.
import { expectedLake } from '../lib/archive/census.ts'
import { bytesToFetch } from '../lib/archive/download.ts'
import { diskOf } from '../lib/files.ts'
import { missing, wanted } from '../lib/lake/inventory.ts'
import { hold, isHeldBy, release } from '../lib/lock.ts'
import { isBesideConversion, makeAround, runAround } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { checkPlace } from '../lib/place.ts'
import { say } from '../lib/report.ts'
import { checkRoom, type Need } from '../lib/room.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
await checkPlace(paths, paths.tarballs)
const lock = paths.lock('download')
const pid = makeAround()
const run = runAround()
if (run && !(await isHeldBy(lock, run))) throw new Error('the run that this works for has ended: the next one goes on')
// Processes without number work for make: so it is the one that holds the tarballs, until it ends or all are fetched.
if (pid && !run) await hold(lock, { folder: paths.tarballs, what: 'make download', pid })
process.once('exit', code => code !== 0 && release(lock, pid))

const nights = await missing(settings, paths)
const bytes = await bytesToFetch(paths, nights)
await checkRoom(isBesideConversion() ? [tarballs(), await lake()] : [toFetch()])
const { free } = await diskOf(paths.tarballs)
say(`${plural(nights.length, 'night')} to fetch, about ${showBytes(bytes)}; ${showBytes(free)} free`)

function toFetch(): Need {
  return { folder: paths.tarballs, bytes, what: 'are left to fetch' }
}

/** Tarballs that are there at one time. A night that is larger than AHEAD is there alone. */
function tarballs(): Need {
  if (settings.KEEP_TARS === 'yes') return toFetch()
  const most = Math.max(settings.AHEAD, ...nights.map(night => night.bytes))
  return { folder: paths.tarballs, bytes: Math.min(bytes, most), what: 'of tarballs are there at a time' }
}

async function lake(): Promise<Need> {
  const total = (await wanted(settings, paths)).reduce((sum, night) => sum + night.bytes, 0)
  return { folder: paths.lake, bytes: Math.round(expectedLake(total)), what: 'of lake, about, are to be written' }
}
