// Ends a download: names each night that is still not on disk, and why; the exit status tells.

import { inTheWay } from '../lib/faults.ts'
import { readFailure } from '../lib/lake/failures.ts'
import { givenUp, missing, onDisk } from '../lib/lake/inventory.ts'
import { dropDead, release } from '../lib/lock.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { makeAround } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
release(paths.lock('download'), makeAround())
await dropDead(paths.lock('download'), { folder: paths.tarballs, what: 'make download' })
const left = await missing(settings, paths)
for (const { name } of left) {
  const night = parseNight(name)
  if (night) say(`${night.stem}: ${(await readFailure(paths, night)) ?? `it was not fetched: ${whyNot(night)}`}`)
}
const lost = await givenUp(settings, paths)
for (const { name, aside } of lost) {
  const night = parseNight(name)
  if (night && aside)
    say(
      `${night.stem}: given up, set aside ${plural(aside.times, 'time')}: ${aside.reason}: ` +
        `to try again, delete ${paths.setAside(night)}`,
    )
}
const failed = [
  ...(left.length > 0 ? [`${plural(left.length, 'night')} not fetched: make download tries again`] : []),
  ...(lost.length > 0 ? [`${plural(lost.length, 'night')} given up: the lines above say why, and what to do`] : []),
]
if (failed.length > 0) throw new Error(failed.join('; '))
say(`${plural((await onDisk(paths, settings.NIGHTS)).length, 'night')} on disk`)

/** make takes a folder of a tarball's name for the tarball; of a disk that is full no reason can be read. */
function whyNot(night: Night): string {
  return inTheWay(paths.tarball(night)) ?? 'its line above says why, or the run ended before'
}
