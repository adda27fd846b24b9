// Converts the nights whose stems are given, over all cores, a line for each that is done. Of the tarballs that are given
// the nights are in the lake already: they are checked, and the tarballs removed.
import { removeHalfBuilt } from '../lib/building.ts'
import { Conversion } from '../lib/conversion.ts'
import { Converting } from '../lib/converting.ts'
import { unconverted } from '../lib/inventory.ts'
import { hold, release } from '../lib/lock.ts'
import { parseNight } from '../lib/night.ts'
import { endWithParents } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { checkPlace } from '../lib/place.ts'
import { readRecord } from '../lib/record.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'
import { Watch } from '../lib/watch.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
await checkPlace(paths, paths.lake)
await hold(paths.lock('lake'), { folder: paths.lake, what: 'make lake' })
await removeHalfBuilt(paths)

const given = new Set(process.argv.slice(2))
const converting = new Converting(paths)
const watch = new Watch(paths.progress('lake'), async () => [await converting.look()])
const conversion = new Conversion(settings, await readRecord(settings.URIS), converting)
// A run that has ended since make looked may have converted some.
await conversion.add((await unconverted(paths, () => true)).filter(({ stem }) => given.has(stem)))
await conversion.addSpent([...given].flatMap(name => parseNight(name) ?? []))
const failed = await conversion.end()
await watch.end()
// Not where this ends before, since its workers may still write: the next run then waits for them.
release(paths.lock('lake'))
if (failed.length > 0)
  throw new Error(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make lake tries again`)
