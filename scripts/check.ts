// Proves that the lake is what its manifests say, and with DEEP what its tarballs hold; names what is not.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { requireLake } from '../lib/core/disk.ts'
import { acquireLock, ignoreReadOnly, releaseLock } from '../lib/core/lock.ts'
import { exitWithParent } from '../lib/core/process.ts'
import { plural } from '../lib/core/units.ts'
import { Verification } from '../lib/jobs/verification.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
const settings = readSettings()
const paths = new Paths(settings.DATA)
const { lake } = paths
await requireLake(paths.lake)
await acquireLock(paths.lock('lake'), { folder: lake, what: 'make check', onWait: print }).catch(ignoreReadOnly)
const checking = await Verification.begin(settings)
const { orphans, incomplete, leftovers } = await checking.unrecorded()
for (const path of leftovers) print(`left      ${join(lake, path)}  by a run that ended; no reader sees it`)
for (const [path, fault] of orphans) print(`ORPHAN    ${join(lake, path)}  ${fault}`)
const common = await checking.commonFault()
if (common) print(`FAILED    ${paths.commonMetadata}  ${common}: make repair makes it anew`)
for (const stem of incomplete)
  print(
    `FAILED    ${stem}  it has files in the lake, and no manifest: make lake, or make download first, makes it anew`,
  )
if (checking.nights + incomplete.size === 0)
  throw new Error(`${lake} has no night of those asked for: is its disk mounted, and NIGHTS as it should be?`)
await checking.run(orphans.size + incomplete.size + (common ? 1 : 0))

const failed = [...incomplete, ...checking.failed]
const { unchecked } = checking
const wrong = [
  ...(common ? [`${paths.commonMetadata} ${common}`] : []),
  ...(failed.length > 0 ? [`${plural(failed.length, 'night')} failed (${failed.join(', ')})`] : []),
  ...(unchecked.length > 0 ? [`${plural(unchecked.length, 'night')} could not be checked`] : []),
  ...(orphans.size > 0
    ? [`${plural(orphans.size, 'thing')} in ${lake} ${orphans.size > 1 ? 'are' : 'is'} in no manifest`]
    : []),
]
releaseLock(paths.lock('lake'))
const remedy =
  common || checking.failed.length + unchecked.length + orphans.size > 0
    ? 'make repair sends back what can be made again'
    : 'make lake'
if (wrong.length > 0) throw new Error(`${wrong.join(', ')}: ${remedy}`)
