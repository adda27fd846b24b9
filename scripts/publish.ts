// Publishes the nights of the lake that the target TO lacks, as many files in parallel as make's -j allows. With
// KEEP_LAKE=no, also removes published nights from the lake.
import { print } from '../lib/core/console.ts'
import { ensureWritable, requireLake } from '../lib/core/disk.ts'
import { exists } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { jobsOf, makeFlags } from '../lib/core/make-flags.ts'
import { plural } from '../lib/core/units.ts'
import { updateIndex } from '../lib/index/update.ts'
import { finishMoves } from '../lib/lake/move-away.ts'
import { readEmptyClause } from '../lib/nights/empty-nights.ts'
import { inLake } from '../lib/nights/inventory.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { openingLines } from '../lib/publish/opening.ts'
import { PublishRun } from '../lib/publish/run.ts'
import { adviseOnInterrupt, showPreview, startCommand } from './command.ts'

const { settings, paths } = startCommand()
adviseOnInterrupt('make publish')
const flags = makeFlags()
if (!settings.TO)
  throw new Error('TO is empty: expected hdfs://host:port/path, s3://bucket/prefix, gs://bucket/prefix or a folder')
await requireLake(paths.lake)
const nights = await inLake(paths, settings.NIGHTS)
if (nights.length === 0) {
  const reason = (await readEmptyClause(settings)) ?? 'run make lake first'
  throw new Error(`${paths.lake} has none of the selected nights: ${reason}`)
}
if (flags.preview.length > 0) {
  const pending = await (await PublishRun.begin(settings, 1)).pending()
  showPreview(
    flags,
    pending.map(({ stem }) => `publish ${stem}`),
  )
}

const lock = paths.lock('publish')
const lakeLock = paths.lock('lake')
const isMoving = settings.KEEP_LAKE === 'no'
if (isMoving) {
  await ensureWritable(paths.data, paths.lake)
  await acquireLock(lakeLock, { folder: paths.lake, what: 'make publish', onWait: print })
}
await acquireLock(lock, { folder: paths.data, what: 'make publish', onWait: print })
if (isMoving) await finishMoves(paths)
// Read the target while holding the lock, because another run would change what is there.
const run = await PublishRun.begin(settings, jobsOf(flags)).catch(error => {
  for (const held of [lock, lakeLock]) releaseLock(held)
  throw error
})
const pending = await run.pending()
const display = new ProgressDisplay(paths.progress('publish'), async () => [await run.progress.poll()])
await run.add(pending)
await run.settle()
await display.end()
const problems = await run.end()
if (isMoving) {
  // Again, because partitions stay until they are empty and nothing is converted.
  await finishMoves(paths)
  problems.push(...(await updateIndex(paths, settings.WORKERS)))
  releaseLock(lakeLock)
}
releaseLock(lock)
if (problems.length > 0) throw new Error(problems.join('; '))
// Not those that were moved to another target.
const there = nights.filter(({ stem }) => run.lake.manifests.has(stem))
if (pending.length === 0) print(`nothing to publish: ${plural(there.length, 'night')} at ${run.lake.target.address}`)
for (const line of openingLines(run.lake.target, settings.ENDPOINT, await exists(paths.commonMetadata))) print(line)
