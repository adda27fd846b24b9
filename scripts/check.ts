// Proves that the lake is what its manifests say, and with DEEP what its tarballs hold; names what is not.
import { join } from 'node:path'
import { hold, release, unlessReadOnly } from '../lib/lock.ts'
import { endWithParents } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { expectLake } from '../lib/place.ts'
import { say } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'
import { Checking } from '../lib/work/checking.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const { lake } = paths
await expectLake(paths)
await hold(paths.lock('lake'), { folder: lake, what: 'make check' }).catch(unlessReadOnly)
const checking = await Checking.begin(settings)
const { strays, unfinished, left } = await checking.unrecorded()
for (const path of left) say(`left      ${join(lake, path)}  by a run that ended; no reader sees it`)
for (const [path, fault] of strays) say(`STRAY     ${join(lake, path)}  ${fault}`)
const common = await checking.commonFault()
if (common) say(`FAILED    ${paths.commonMetadata}  ${common}: make repair makes it anew`)
for (const stem of unfinished)
  say(`FAILED    ${stem}  it has files in the lake, and no manifest: make lake, or make download first, makes it anew`)
if (checking.nights + unfinished.size === 0)
  throw new Error(`${lake} has no night of those asked for: is its disk mounted, and NIGHTS as it should be?`)
await checking.run(strays.size + unfinished.size + (common ? 1 : 0))

const failed = [...unfinished, ...checking.failed]
const { unchecked } = checking
const wrong = [
  ...(common ? [`${paths.commonMetadata} ${common}`] : []),
  ...(failed.length > 0 ? [`${plural(failed.length, 'night')} failed (${failed.join(', ')})`] : []),
  ...(unchecked.length > 0 ? [`${plural(unchecked.length, 'night')} could not be checked`] : []),
  ...(strays.size > 0
    ? [`${plural(strays.size, 'thing')} in ${lake} ${strays.size > 1 ? 'are' : 'is'} in no manifest`]
    : []),
]
release(paths.lock('lake'))
const remedy =
  common || checking.failed.length + unchecked.length + strays.size > 0
    ? 'make repair sends back what can be made again'
    : 'make lake'
if (wrong.length > 0) throw new Error(`${wrong.join(', ')}: ${remedy}`)
