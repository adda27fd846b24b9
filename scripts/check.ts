// Checks the lake against its manifests and, with DEEP=1, against the tarballs on disk; then the candidates table and the
// index against the lake. With AT, checks a published lake instead. Prints the differences.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { requireLake } from '../lib/core/disk.ts'
import { acquireLock, ignoreReadOnly, releaseLock } from '../lib/core/lock.ts'
import { plural } from '../lib/core/units.ts'
import { Verification } from '../lib/jobs/verification.ts'
import { checkPublished } from '../lib/publish/check-published.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
if (settings.AT) {
  await checkPublished(settings, paths)
  process.exit()
}
const { lake } = paths
await requireLake(lake)
await acquireLock(paths.lock('lake'), { folder: lake, what: 'make check', onWait: print }).catch(ignoreReadOnly)
const verification = await Verification.begin(settings)
const { orphans, incomplete, leftovers } = await verification.checkTree()
const common = await verification.commonMetadataFault()
for (const path of leftovers) print(`leftover  ${join(paths.data, path)}  from an interrupted run; readers ignore it`)
for (const [path, fault] of orphans) print(`ORPHAN    ${join(paths.data, path)}  ${fault}`)
if (common) print(`FAILED    ${paths.commonMetadata}  ${common}: make repair rebuilds it`)
for (const stem of incomplete)
  print(`FAILED    ${stem}  it has files in the lake but no manifest: make lake, or first make download, replaces them`)
await verification.assertAny(incomplete)
const index = await verification.run(orphans.size + incomplete.size + (common ? 1 : 0))
releaseLock(paths.lock('lake'))

const failed = [...incomplete, ...verification.failed]
const candidates = verification.failedCandidates.length
const unchecked = verification.unchecked.length
const tarballs = verification.otherTarballs
const problems = [
  ...(common ? [`${paths.commonMetadata} ${common}`] : []),
  ...(failed.length > 0 ? [`${plural(failed.length, 'night')} failed (${failed.join(', ')})`] : []),
  ...(unchecked > 0 ? [`${plural(unchecked, 'night')} could not be checked`] : []),
  ...(orphans.size > 0 ? [`${plural(orphans.size, 'orphan')} in ${paths.data}`] : []),
  ...(tarballs > 0
    ? [`${plural(tarballs, 'tarball')} other than the converted ${tarballs === 1 ? 'one' : 'ones'}`]
    : []),
  ...(candidates > 0 ? [`${plural(candidates, 'candidates file')} failed`] : []),
  ...(index.damaged.size > 0 ? [`${plural(index.damaged.size, 'file')} of the index failed`] : []),
  ...(index.missing.length > 0 ? [`${plural(index.missing.length, 'part')} of the index missing or out of date`] : []),
]
if (problems.length > 0) throw new Error(`${problems.join(', ')}: ${remedy()}`)

function remedy(): string {
  const { failed, failedDeep } = verification
  if (common || failed.length + unchecked + orphans.size + candidates + index.damaged.size > 0)
    return `run make repair${failedDeep ? ' DEEP=1' : ''}`
  if (incomplete.size > 0) return 'run make lake'
  return index.missing.length > 0 ? 'run make index' : 'the lines above say what to do'
}
