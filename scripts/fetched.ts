// Ends a download: names each night that is still not on disk, and why; the exit status tells.

import { print } from '../lib/core/console.ts'
import { obstacleAt } from '../lib/core/errors.ts'
import { releaseLock, removeStaleLock } from '../lib/core/lock.ts'
import { makeAround } from '../lib/core/process.ts'
import { plural } from '../lib/core/units.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { readFailure } from '../lib/nights/failures.ts'
import { notOnDisk, onDisk } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
releaseLock(paths.lock('download'), makeAround())
await removeStaleLock(paths.lock('download'), { folder: paths.tarballs, what: 'make download', onWait: print })
const { missing, givenUp } = await notOnDisk(settings, paths)
for (const { name } of missing) {
  const night = parseNight(name)
  if (night) print(`${night.stem}: ${(await readFailure(paths, night)) ?? `it was not fetched: ${whyNot(night)}`}`)
}
for (const { name, aside } of givenUp) {
  const night = parseNight(name)
  if (night)
    print(
      `${night.stem}: given up, set aside ${plural(aside.times, 'time')}: ${aside.reason}: ` +
        `to try again, delete ${paths.quarantineRecord(night)}`,
    )
}
const failed = [
  ...(missing.length > 0 ? [`${plural(missing.length, 'night')} not fetched: make download tries again`] : []),
  ...(givenUp.length > 0
    ? [`${plural(givenUp.length, 'night')} given up: the lines above say why, and what to do`]
    : []),
]
if (failed.length > 0) throw new Error(failed.join('; '))
print(`${plural((await onDisk(paths, settings.NIGHTS)).length, 'night')} on disk`)

/** make takes a folder of a tarball's name for the tarball; of a disk that is full no reason can be read. */
function whyNot(night: Night): string {
  return obstacleAt(paths.tarball(night)) ?? 'its line above says why, or the run ended before'
}
