// Converts the nights whose stems are given, over all cores, or over the tasks of LAUNCHER, a line for each that is
// done. Of the tarballs that are given the nights are in the lake already: they are checked, and the tarballs removed.

import { readListingFile } from '../lib/archive/listing-file.ts'
import { launchTasks } from '../lib/cluster/launch.ts'
import { print } from '../lib/core/console.ts'
import { ensureWritable } from '../lib/core/disk.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { exitWithParent } from '../lib/core/process.ts'
import { plural } from '../lib/core/units.ts'
import { Conversion } from '../lib/jobs/conversion.ts'
import { conversionsOf } from '../lib/jobs/queue.ts'
import { type NightResult, Summary } from '../lib/jobs/summary.ts'
import { updateCommonMetadata } from '../lib/lake/common-metadata.ts'
import { readManifests } from '../lib/lake/manifest.ts'
import { clearStaging } from '../lib/lake/publish.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { nightsToConvert } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { NightsProgress } from '../lib/progress/nights.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const lock = paths.lock('lake')
await ensureWritable(paths.data, paths.lake)
const id = await acquireLock(lock, { folder: paths.lake, what: 'make lake', onWait: print })
await clearStaging(paths)

const given = new Set(process.argv.slice(2))
const record = await readListingFile(settings.URIS)
// A run that has ended since make looked may have converted some.
const isGiven = ({ stem }: Night) => given.has(stem)
const pending = (await nightsToConvert(paths, () => true, isGiven)).filter(isGiven)
const spent = [...given].flatMap(name => parseNight(name) ?? [])
const nights = [
  ...(await conversionsOf(paths, pending, record, false)),
  ...(await conversionsOf(paths, spent, record, true)),
]

const converting = new NightsProgress(paths)
converting.add(nights)
const watch = new ProgressDisplay(paths.progress('lake'), async () => [await converting.poll()])
const tally = new Summary()
const tell = (end: NightResult) => {
  converting.end(end)
  tally.add(end)
}
if (settings.LAUNCHER) await launchTasks({ lock, id, nights }, settings.LAUNCHER, tell)
else {
  const conversion = new Conversion(settings, tell)
  conversion.add(nights)
  await conversion.end()
}
await watch.end()
tally.close()
await updateCommonMetadata(paths, await readManifests(paths, tally.extended))
// Not where this ends before, since its workers may still write: the next run then waits for them.
releaseLock(lock)
const { failed } = tally
if (failed.length > 0)
  throw new Error(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make lake tries again`)
