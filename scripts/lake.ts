// Converts the nights whose stems are given, over all cores, or over the tasks of LAUNCHER, a line for each that is
// done. Of the tarballs that are given the nights are in the lake already: they are checked, and the tarballs removed.

import { readRecord } from '../lib/archive/record.ts'
import { spread } from '../lib/cluster/spread.ts'
import { removeHalfBuilt } from '../lib/lake/building.ts'
import { settleCommonColumns } from '../lib/lake/commonmetadata.ts'
import { unconverted } from '../lib/lake/inventory.ts'
import { manifestsOf } from '../lib/lake/manifest.ts'
import { hold, release } from '../lib/lock.ts'
import { type Night, parseNight } from '../lib/night.ts'
import { endWithParents } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { checkPlace } from '../lib/place.ts'
import { LakeWork } from '../lib/progress/lakework.ts'
import { Watch } from '../lib/progress/watch.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'
import { Conversion } from '../lib/work/conversion.ts'
import { toConvert } from '../lib/work/jobs.ts'
import { type NightEnd, Tally } from '../lib/work/tally.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const lock = paths.lock('lake')
await checkPlace(paths, paths.lake)
const id = await hold(lock, { folder: paths.lake, what: 'make lake' })
await removeHalfBuilt(paths)

const given = new Set(process.argv.slice(2))
const record = await readRecord(settings.URIS)
// A run that has ended since make looked may have converted some.
const isGiven = ({ stem }: Night) => given.has(stem)
const pending = (await unconverted(paths, () => true, isGiven)).filter(isGiven)
const spent = [...given].flatMap(name => parseNight(name) ?? [])
const nights = [...(await toConvert(paths, pending, record, false)), ...(await toConvert(paths, spent, record, true))]

const converting = new LakeWork(paths)
converting.add(nights)
const watch = new Watch(paths.progress('lake'), async () => [await converting.look()])
const tally = new Tally()
const tell = (end: NightEnd) => {
  converting.end(end)
  tally.add(end)
}
if (settings.LAUNCHER) await spread({ lock, id, nights }, settings.LAUNCHER, tell)
else {
  const conversion = new Conversion(settings, tell)
  conversion.add(nights)
  await conversion.end()
}
await watch.end()
tally.close()
await settleCommonColumns(paths, await manifestsOf(paths, tally.extended))
// Not where this ends before, since its workers may still write: the next run then waits for them.
release(lock)
const { failed } = tally
if (failed.length > 0)
  throw new Error(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make lake tries again`)
