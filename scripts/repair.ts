// Checks the lake, moves aside what is none of its own, and sends back the nights that fail: without its manifest
// a night is converted or fetched again, and its files stay until the new ones are there.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { requireLake } from '../lib/core/disk.ts'
import { exists, mapLimit, remove } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { exitWithParent } from '../lib/core/process.ts'
import { plural } from '../lib/core/units.ts'
import { Verification } from '../lib/jobs/verification.ts'
import { moveToOrphans } from '../lib/lake/check-tree.ts'
import { type Night, nightOfStem } from '../lib/night.ts'
import { inUrlLists } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
const settings = readSettings()
const paths = new Paths(settings.DATA)
await requireLake(paths.lake)
await acquireLock(paths.lock('lake'), { folder: paths.lake, what: 'make repair', onWait: print })
const checking = await Verification.begin(settings)
const { orphans, incomplete } = await checking.unrecorded()
for (const [path, fault] of orphans)
  print(`moved     ${join(paths.lake, path)} to ${await moveToOrphans(paths, path)}, as it ${fault}`)
if (await checking.commonFault()) {
  await checking.renewCommon()
  print(`renewed   ${paths.commonMetadata}`)
}
await checking.run()

const wrong = [...incomplete, ...checking.failed].flatMap(stem => nightOfStem(stem) ?? [])
const listed = new Set((await inUrlLists(settings.URIS)).rows.map(({ name }) => name))
const sources = await mapLimit(wrong, sourceOf)
const from = (source: string) => wrong.filter((_, i) => sources[i] === source)
const [disk, archive, nowhere] = [from('disk'), from('archive'), from('nowhere')]
for (const night of [...disk, ...archive]) await remove(paths.manifest(night))
for (const { stem } of nowhere)
  print(
    `kept      ${stem}  as it is: its tarball is neither on disk nor in the lists of make uris, so that it cannot be made again`,
  )
releaseLock(paths.lock('lake'))
if (disk.length + archive.length > 0)
  print(
    `${plural(disk.length + archive.length, 'night')} sent back: ` +
      `${disk.length} to be converted from disk (make lake), ${archive.length} to be fetched first (make download)`,
  )
const left = [
  ...(nowhere.length > 0
    ? [`${plural(nowhere.length, 'night')} cannot be made again: put back what was there before`]
    : []),
  ...(checking.unchecked.length > 0
    ? [`${plural(checking.unchecked.length, 'night')} could not be checked, and stay: make repair tries again`]
    : []),
]
if (left.length > 0) throw new Error(left.join(', '))

async function sourceOf(night: Night): Promise<'disk' | 'archive' | 'nowhere'> {
  if (await exists(paths.tarball(night))) return 'disk'
  return listed.has(night.name) ? 'archive' : 'nowhere'
}
