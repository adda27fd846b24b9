// Downloads the listed nights that are missing, as many at a time as make's -j says.
import { installAria2c } from '../lib/archive/install-aria2.ts'
import { print } from '../lib/core/console.ts'
import { ensureWritable } from '../lib/core/disk.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { makeFlags } from '../lib/core/make-flags.ts'
import { plural } from '../lib/core/units.ts'
import { checkSpace, reportMissing, runDownloads } from '../lib/jobs/download-run.ts'
import { onDisk, planDownload } from '../lib/nights/inventory.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { DownloadProgress } from '../lib/progress/downloads.ts'
import { showPreview, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const flags = makeFlags()
const lock = paths.lock('download')
const plan = await planDownload(settings, paths)
const { missing, givenUp } = plan
showPreview(
  flags,
  missing.map(({ name }) => `fetch ${name}`),
)

if (missing.length > 0) {
  await ensureWritable(paths.data, paths.tarballs)
  await acquireLock(lock, { folder: paths.tarballs, what: 'make download', onWait: print })
  await prepare().catch(releaseAndThrow)
  const progress = await DownloadProgress.begin(paths, missing)
  const display = new ProgressDisplay(paths.progress('download'), async () => [await progress.poll()])
  await runDownloads(paths, missing, flags.jobs)
  await display.end()
  // Not released if this process dies before: its downloads may still write, so the next run waits for them.
  releaseLock(lock)
}
const problems = await reportMissing(paths, missing, givenUp, 'make download')
if (problems.length > 0) throw new Error(problems.join('; '))
const count = plural((await onDisk(paths, settings.NIGHTS)).length, 'night')
print(missing.length > 0 ? `${count} on disk` : `nothing to download: ${count} on disk, the others in the lake`)

async function prepare(): Promise<void> {
  await installAria2c()
  await checkSpace(settings, paths, plan, false)
}

function releaseAndThrow(error: Error): never {
  releaseLock(lock)
  throw error
}
