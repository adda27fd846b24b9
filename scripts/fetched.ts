// Ends a download: names each night that is still not on disk, and why; the exit status tells.
import { inTheWay } from '../lib/faults.ts'
import { readFailure } from '../lib/lake/failures.ts'
import { absent, onDisk } from '../lib/lake/inventory.ts'
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
const { missing, givenUp } = await absent(settings, paths)
for (const { name } of missing) {
  const night = parseNight(name)
  if (night) say(`${night.stem}: ${(await readFailure(paths, night)) ?? `it was not fetched: ${whyNot(night)}`}`)
}
for (const { name, aside } of givenUp) {
  const night = parseNight(name)
  if (night)
    say(
      `${night.stem}: given up, set aside ${plural(aside.times, 'time')}: ${aside.reason}: ` +
        `to try again, delete ${paths.setAside(night)}`,
    )
}
const failed = [
  ...(missing.length > 0 ? [`${plural(missing.length, 'night')} not fetched: make download tries again`] : []),
  ...(givenUp.length > 0
    ? [`${plural(givenUp.length, 'night')} given up: the lines above say why, and what to do`]
    : []),
]
if (failed.length > 0) throw new Error(failed.join('; '))
say(`${plural((await onDisk(paths, settings.NIGHTS)).length, 'night')} on disk`)

/** make takes a folder of a tarball's name for the tarball; of a disk that is full no reason can be read. */
function whyNot(night: Night): string {
  return inTheWay(paths.tarball(night)) ?? 'its line above says why, or the run ended before'
}
