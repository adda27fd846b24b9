// Converts the tarballs on disk that are not yet in the lake, in worker processes or in tasks started by LAUNCHER. With
// KEEP_TARS=no, also removes leftover tarballs of nights in the lake.
import { readListingFile } from '../lib/archive/listing-file.ts'
import { launchTasks } from '../lib/cluster/launch.ts'
import { print } from '../lib/core/console.ts'
import { ensureWritable } from '../lib/core/disk.ts'
import { exists } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { makeFlags } from '../lib/core/make-flags.ts'
import { plural } from '../lib/core/units.ts'
import { isCurrent, planIndex } from '../lib/index/plan.ts'
import { updateIndex } from '../lib/index/update.ts'
import { ConversionRun } from '../lib/jobs/conversion-run.ts'
import { toConvert } from '../lib/jobs/queue.ts'
import { hasStaging } from '../lib/lake/publish.ts'
import { readEmptyClause } from '../lib/nights/empty-nights.ts'
import { ignoredTarballs } from '../lib/nights/ignored-tarballs.ts'
import { planConversion } from '../lib/nights/inventory.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { everyNight } from '../lib/selection.ts'
import { adviseOnInterrupt, conversionActions, indexActions, showPreview, startCommand } from './command.ts'

const { settings, paths } = startCommand()
if (!settings.LAUNCHER) adviseOnInterrupt('make lake')
const lock = paths.lock('lake')
const plan = await planConversion(settings, paths)
const { onDisk, inLake, pending, removable } = plan
const index = await planIndex(paths, plan.lake)
showPreview(makeFlags(), [...conversionActions(plan), ...indexActions(index)])
const problems: string[] = []
const hasLeftovers = (await exists(lock)) || (await hasStaging(paths))
if (pending.length + removable.length === 0) {
  const empty = await readEmptyClause(settings)
  if (onDisk.length + inLake.length > 0)
    print(
      `nothing to convert: ${plural(onDisk.length, 'selected night')} on disk, ${plural(inLake.length, 'night')} in the lake`,
    )
  else if (empty) print(`nothing to convert: ${empty}`)
  else if (settings.NIGHTS === everyNight) problems.push(`${paths.tarballs} has no tarballs: run make download first`)
  else problems.push('none of the selected nights is on disk or in the lake: run make download first')
  const earlier = index.withoutCandidates.length
  if (earlier > 0) print(`not in the index: ${plural(earlier, 'night')} of an earlier version: make index adds them`)
  if (!hasLeftovers && isCurrent(index)) {
    const ignored = await ignoredTarballs(paths)
    if (ignored) print(ignored)
    if (problems.length > 0) throw new Error(problems.join('; '))
    process.exit()
  }
}

await ensureWritable(paths.data, paths.lake)
const id = await acquireLock(lock, { folder: paths.lake, what: 'make lake', onWait: print })
const run = await ConversionRun.begin(settings)
const listing = await readListingFile(settings.URIS)
const nights = await toConvert(paths, [...pending, ...removable], listing, plan.lake)

const display = new ProgressDisplay(paths.progress('lake'), async () => [await run.progress.poll()])
if (settings.LAUNCHER) {
  run.progress.add(nights)
  await launchTasks(settings, paths, { lock, id, nights }, result => run.record(result))
} else {
  const conversion = run.start(settings)
  conversion.add(nights)
  await conversion.end()
}
await display.end()
problems.push(...(await run.finish('make lake')))
problems.push(...(await updateIndex(paths, settings.WORKERS)))
// Do not release the lock in a `finally`, because workers may still be writing after a crash. A stale lock makes the
// next run wait.
releaseLock(lock)
if (problems.length > 0) throw new Error(problems.join('; '))
