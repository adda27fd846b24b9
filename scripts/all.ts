// Lists the archive, then downloads and converts in parallel, and with TO also publishes each converted night. A failure
// does not stop the rest, but is reported in the last line and by exit status 1.
import { findAria2c } from '../lib/archive/aria2-program.ts'
import { nightOf } from '../lib/archive/listing.ts'
import { readListingFile } from '../lib/archive/listing-file.ts'
import { Throttle } from '../lib/archive/throttle.ts'
import { print } from '../lib/core/console.ts'
import { ensureWritable } from '../lib/core/disk.ts'
import { describeError } from '../lib/core/errors.ts'
import { exists } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { jobsOf, makeFlags } from '../lib/core/make-flags.ts'
import { runVisibly } from '../lib/core/shell.ts'
import { plural } from '../lib/core/units.ts'
import { planIndex } from '../lib/index/plan.ts'
import { updateIndex } from '../lib/index/update.ts'
import { mayDownload } from '../lib/jobs/consent.ts'
import { ConversionRun } from '../lib/jobs/conversion-run.ts'
import { downloadMissing } from '../lib/jobs/download-run.ts'
import { toConvert } from '../lib/jobs/queue.ts'
import { finishMoves } from '../lib/lake/move-away.ts'
import { type Night, nightOfStem } from '../lib/night.ts'
import { forgetFailures } from '../lib/nights/failures.ts'
import { type DownloadPlan, planConversion, planDownload } from '../lib/nights/inventory.ts'
import { built } from '../lib/paths.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { DownloadProgress } from '../lib/progress/downloads.ts'
import { openingLines } from '../lib/publish/opening.ts'
import { PublishRun } from '../lib/publish/run.ts'
import { adviseOnInterrupt, conversionActions, indexActions, showPreview, startCommand } from './command.ts'

const NOTHING: DownloadPlan = { notInLake: [], missing: [], givenUp: [] }

const { settings, paths } = startCommand()
const flags = makeFlags()
const lock = paths.lock('lake')
const publishLock = paths.lock('publish')
if (settings.LAUNCHER)
  throw new Error('make all converts on one host: unset LAUNCHER, or run make uris download lake instead')
if (flags.preview.length > 0) await preview()
// Fail now, and not when the nights on disk have been converted.
await findAria2c()

await ensureWritable(paths.data, paths.lake)
await acquireLock(lock, { folder: paths.lake, what: 'make all', onWait: print })
const run = await ConversionRun.begin(settings)
const problems: string[] = []

// List all nights, because NIGHTS applies only to downloads and conversions.
if ((await runVisibly(process.execPath, [...process.execArgv, built('uris.js')], { NIGHTS: '' })) !== 0)
  problems.push('make uris failed')
const plan = await planDownload(settings, paths).catch(recordProblem(NOTHING))
if (!(await mayDownload(settings, paths, plan, true).catch(stop))) {
  releaseLock(lock)
  print('nothing was downloaded or converted: select nights with NIGHTS=')
  process.exit()
}
adviseOnInterrupt('make all')
await forgetFailures(paths, settings.NIGHTS)
// With KEEP_LAKE=no, a run that does not publish would fill the disk.
const publishing = await beginPublishing().catch(settings.KEEP_LAKE === 'no' ? stop : recordProblem(undefined))
const listing = await readListingFile(settings.URIS)
const conversion = run.start(settings, ({ stem, failed }) => {
  throttle.remove(`${stem}.tar.gz`)
  const night = nightOfStem(stem)
  if (night && (!failed || inLake.has(stem))) adding.push(publish([night]))
})
const adding: Promise<void>[] = []
const progress = await DownloadProgress.begin(paths, plan.missing, (row, ending) => {
  if (ending === 'done') adding.push(add([nightOf(row)]))
})
const display = new ProgressDisplay(paths.progress('lake'), async () => [
  await progress.poll(),
  await run.progress.poll(progress.pendingWork),
  ...(publishing ? [await publishing.progress.poll()] : []),
])

// Do not convert outdated tarballs, because the archive has newer ones.
const outdated = new Set([...plan.missing, ...plan.givenUp].map(({ name }) => name))
const onDisk = await planConversion(settings, paths)
const pending = onDisk.pending.filter(({ name }) => !outdated.has(name))
// Queue only nights that this run downloads or converts, because any other night would block later ones forever.
const queued = new Set([...plan.missing, ...pending].map(({ name }) => name))
const throttle = new Throttle(
  paths.downloadLimit,
  plan.notInLake.filter(({ name }) => queued.has(name)),
  settings.AHEAD,
)
const work = [...pending, ...onDisk.removable]
// Publish nights only after workers have replaced or checked their files, because KEEP_LAKE=no removes these.
const inWork = new Set([...work, ...plan.missing.map(nightOf)].map(({ stem }) => stem))
const inLake = new Set(onDisk.inLake.map(({ stem }) => stem))
await publish(onDisk.inLake.filter(({ stem }) => !inWork.has(stem)))
conversion.add(await toConvert(paths, work, listing, onDisk.lake))
const unfetched = await downloadMissing(settings, paths, plan, {
  command: 'make all',
  jobs: flags.jobs,
  progress,
  ...(settings.KEEP_TARS === 'no' && { throttle }),
}).catch(recordProblem([]))
problems.push(...unfetched)
await Promise.all(adding)
await conversion.end()
await Promise.all(adding)
await publishing?.settle()
if (publishing) await finishMoves(paths)
await display.end()
const failed = await run.finish('make all')
problems.push(...(await updateIndex(paths, settings.WORKERS)))
problems.push(...((await publishing?.end()) ?? []))
// Do not release the lock in a `finally`, because workers may still be writing after a crash. A stale lock makes the
// next run wait.
releaseLock(lock)
releaseLock(publishLock)
problems.push(...failed)
if (problems.length > 0) throw new Error(problems.join('; '))
if (plan.missing.length + work.length === 0)
  print(`nothing to download or convert: ${plan.empty ?? `${plural(inLake.size, 'night')} in the lake`}`)
if (publishing)
  for (const line of openingLines(publishing.lake.target, settings.ENDPOINT, await exists(paths.commonMetadata)))
    print(line)

async function add(nights: readonly Night[]): Promise<void> {
  conversion.add(await toConvert(paths, nights, listing))
}

/** Reads the target TO, if there is one. Call only while holding the lake's lock. */
async function beginPublishing(): Promise<PublishRun | undefined> {
  if (!settings.TO) return undefined
  await acquireLock(publishLock, { folder: paths.data, what: 'make all', onWait: print })
  return PublishRun.begin(settings, jobsOf(flags))
}

/** Queues the nights that the target lacks. */
async function publish(nights: readonly Night[]): Promise<void> {
  await publishing?.add(nights).catch(recordProblem(undefined))
}

/** Releases the locks before an error ends the run. */
function stop(error: Error): never {
  for (const held of [lock, publishLock]) releaseLock(held)
  throw error
}

async function preview(): Promise<void> {
  const { missing } = await planDownload(settings, paths).catch(() => NOTHING)
  const fetches = missing.map(({ name }) => `fetch ${name}`)
  const plan = await planConversion(settings, paths)
  const publishing = settings.TO ? await PublishRun.begin(settings, 1).catch(() => undefined) : undefined
  const publications = (await publishing?.pending())?.map(({ stem }) => `publish ${stem}`) ?? []
  const actions = [...conversionActions(plan), ...indexActions(await planIndex(paths, plan.lake)), ...publications]
  showPreview(flags, ['list the archive', ...fetches, ...actions])
}

/** Returns a `catch` handler that records the error as a problem and returns `value`. */
function recordProblem<T>(value: T): (error: Error) => T {
  return error => {
    problems.push(describeError(error))
    return value
  }
}
