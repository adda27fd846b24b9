// Checks the lake, moves aside what is none of its own, and sends back the nights that fail: without its manifest
// a night is converted or fetched again, and its files stay until the new ones are there.
import { join } from 'node:path'
import { isTaken, remove } from '../lib/files.ts'
import { inLists } from '../lib/lake/inventory.ts'
import { moveToStrays } from '../lib/lake/strays.ts'
import { hold, release } from '../lib/lock.ts'
import { mapMany } from '../lib/many.ts'
import { type Night, nightOfStem } from '../lib/night.ts'
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
await expectLake(paths)
await hold(paths.lock('lake'), { folder: paths.lake, what: 'make repair' })
const checking = await Checking.begin(settings)
const { strays, unfinished } = await checking.unrecorded()
for (const [path, fault] of strays)
  say(`moved     ${join(paths.lake, path)} to ${await moveToStrays(paths, path)}, as it ${fault}`)
if (await checking.commonFault()) {
  await checking.renewCommon()
  say(`renewed   ${paths.commonMetadata}`)
}
await checking.run()

const wrong = [...unfinished, ...checking.failed].flatMap(stem => nightOfStem(stem) ?? [])
const listed = new Set((await inLists(settings.URIS)).rows.map(({ name }) => name))
const sources = await mapMany(wrong, sourceOf)
const from = (source: string) => wrong.filter((_, i) => sources[i] === source)
const [disk, archive, nowhere] = [from('disk'), from('archive'), from('nowhere')]
for (const night of [...disk, ...archive]) await remove(paths.manifest(night))
for (const { stem } of nowhere)
  say(
    `kept      ${stem}  as it is: its tarball is neither on disk nor in the lists of make uris, so that it cannot be made again`,
  )
release(paths.lock('lake'))
if (disk.length + archive.length > 0)
  say(
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
  if (await isTaken(paths.tarball(night))) return 'disk'
  return listed.has(night.name) ? 'archive' : 'nowhere'
}
