// Checks the lake, moves orphans to data/bad/orphans/, and deletes the manifests of failed nights, so that they are
// converted again. Leaves failed nights alone if their tarballs are neither on disk nor in the URL lists. Rebuilds damaged
// parts of the candidates table and of the index.
import { join } from 'node:path'
import { print } from '../lib/core/console.ts'
import { requireLake } from '../lib/core/disk.ts'
import { exists, filterLimit, mapLimit, remove } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { plural } from '../lib/core/units.ts'
import { removeDamaged } from '../lib/index/check.ts'
import { nightsInLake } from '../lib/index/plan.ts'
import { updateIndex } from '../lib/index/update.ts'
import { addMissingCandidates } from '../lib/jobs/candidates-run.ts'
import { Verification } from '../lib/jobs/verification.ts'
import { isForeignManifest, moveToOrphans } from '../lib/lake/check-tree.ts'
import { finishMoves } from '../lib/lake/move-away.ts'
import { type Night, nightOfStem } from '../lib/night.ts'
import { inUrlLists } from '../lib/nights/inventory.ts'
import { startCommand } from './command.ts'

const { settings, paths } = startCommand()
await requireLake(paths.lake)
// Read the lists first, because the check may take days, and is in vain if they are damaged.
const listed = new Set((await inUrlLists(settings.URIS)).rows.map(({ name }) => name))
await acquireLock(paths.lock('lake'), { folder: paths.lake, what: 'make repair', onWait: print })
await finishMoves(paths)
const verification = await Verification.begin(settings)
const { orphans, incomplete } = await verification.checkTree()
for (const [path, fault] of orphans)
  print(`moved     ${join(paths.data, path)} to ${await moveToOrphans(paths, path)}: it ${fault}`)
await verification.assertAny(incomplete)
if (await verification.commonMetadataFault()) {
  await verification.rebuildCommonMetadata()
  print(`rebuilt   ${paths.commonMetadata}`)
}
const index = await verification.run()

const failed = [...incomplete, ...verification.failed].flatMap(stem => nightOfStem(stem) ?? [])
const sources = await mapLimit(failed, sourceOf)
const [disk, archive, none] = (['disk', 'archive', 'none'] as const).map(source =>
  failed.filter((_, i) => sources[i] === source),
) as [Night[], Night[], Night[]]
const foreign = await filterLimit(none, night => isForeignManifest(paths, night))
for (const { stem } of foreign)
  print(
    `moved     ${stem}.json to ${await moveToOrphans(paths, `lake/_manifest/${stem}.json`)}: the night has no files`,
  )
const kept = none.filter(night => !foreign.includes(night))
for (const night of [...disk, ...archive]) await remove(paths.manifest(night))
for (const { stem } of kept)
  print(
    `kept      ${stem}  as it is: its tarball is neither on disk nor in the URL lists, so it cannot be converted again`,
  )
const candidates = new Set(verification.failedCandidates.map(({ stem }) => stem))
const notMade = await addMissingCandidates(
  settings,
  (await nightsInLake(paths)).filter(({ night }) => candidates.has(night.stem)),
)
const damagedIndex = await removeDamaged(paths, index)
for (const path of damagedIndex)
  print(`kept      ${path}  as it is: candidates files of its month are damaged, so it cannot be made again`)
const indexProblems = await updateIndex(paths, settings.WORKERS)
releaseLock(paths.lock('lake'))
if (disk.length + archive.length > 0)
  print(
    `${plural(disk.length + archive.length, 'night')} to be converted again: ` +
      `${disk.length} from the tarballs on disk (make lake), ${archive.length} to be downloaded first (make download)`,
  )
const unchecked = verification.unchecked.length
const problems = [
  ...(kept.length > 0
    ? [
        `${plural(kept.length, 'night')} cannot be converted again: ` +
          'run make uris in case the archive has the tarballs, or restore the files from a backup',
      ]
    : []),
  ...(notMade.length > 0 ? [`${plural(notMade.length, 'candidates file')} could not be made`] : []),
  ...(damagedIndex.length > 0 ? [`${plural(damagedIndex.length, 'file')} of the index could not be made again`] : []),
  ...indexProblems,
  ...(verification.otherTarballs > 0
    ? [`${plural(verification.otherTarballs, 'tarball')} stayed: the lines above say what to do`]
    : []),
  ...(unchecked > 0 ? [`${plural(unchecked, 'night')} could not be checked, and stay: run make repair again`] : []),
]
if (problems.length > 0) throw new Error(problems.join(', '))

async function sourceOf(night: Night): Promise<'disk' | 'archive' | 'none'> {
  if (await exists(paths.tarball(night))) return 'disk'
  return listed.has(night.name) ? 'archive' : 'none'
}
