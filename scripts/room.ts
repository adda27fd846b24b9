// Stops a download before it starts where the disk cannot hold what is left to fetch.
import { bytesToFetch } from '../lib/download.ts'
import { freeBytes } from '../lib/files.ts'
import { missing } from '../lib/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const nights = await missing(settings, paths)
const [bytes, free] = await Promise.all([bytesToFetch(paths, nights), freeBytes(settings.DATA)])
if (bytes > free)
  throw new Error(
    `${showBytes(bytes)} are left to fetch, and the disk of ${settings.DATA} has ${showBytes(free)} free, ` +
      `${showBytes(bytes - free)} too few: choose fewer with NIGHTS=, or another disk with DATA=`,
  )
say(`${plural(nights.length, 'night')} to fetch, about ${showBytes(bytes)}; ${showBytes(free)} free`)
