import { randomUUID } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findAria2c } from '../archive/aria2-program.ts'
import { type ListedFile, nightOf } from '../archive/listing.ts'
import { MAX_ATTEMPTS } from '../archive/quarantine.ts'
import type { Throttle } from '../archive/throttle.ts'
import { print } from '../core/console.ts'
import { diskOf, ensureWritable } from '../core/disk.ts'
import { obstacleAt } from '../core/errors.ts'
import { exists, filterLimit, remove } from '../core/files.ts'
import { acquireLock, lockHolder, releaseLock } from '../core/lock.ts'
import { ownerText, POLL_INTERVAL_MS, RUN_VARIABLE } from '../core/process.ts'
import { relay } from '../core/shell.ts'
import { plural, showBytes, someOf } from '../core/units.ts'
import { type Night, nightOfStem } from '../night.ts'
import { readFailure, recordFailure } from '../nights/failures.ts'
import { type DownloadPlan, needsDownload, withoutGivenUp } from '../nights/inventory.ts'
import { type Paths, PROJECT } from '../paths.ts'
import { ProgressDisplay } from '../progress/display.ts'
import type { DownloadProgress } from '../progress/downloads.ts'
import type { Settings } from '../settings.ts'
import { checkDownloadSpace } from './download-space.ts'

interface DownloadRequest {
  readonly command: 'make download' | 'make all'
  /** The -j option for make, e.g. `-j5`; empty if none was given. */
  readonly jobs: readonly string[]
  readonly progress: DownloadProgress
  /** Limits the tarballs on disk if the same run also converts and removes them. */
  readonly throttle?: Throttle
}

/**
 * Downloads the missing nights while holding the `download` lock, then prints why nights are still missing. A reason that a
 * download has printed is not repeated.
 * @returns parts of an error message; empty if no night is missing
 */
export async function downloadMissing(
  settings: Settings,
  paths: Paths,
  plan: DownloadPlan,
  request: DownloadRequest,
): Promise<string[]> {
  if (plan.missing.length === 0) await removeLeftovers(paths, request.command)
  const reported = plan.missing.length > 0 ? await downloadLocked(settings, paths, plan, request) : new Set<string>()
  return reportMissing(paths, plan, request.command, reported)
}

/** Removes the stale lock and the folder of a run that was killed after its last download. */
async function removeLeftovers(paths: Paths, command: DownloadRequest['command']): Promise<void> {
  const lock = paths.lock('download')
  if (!(await exists(lock)) && !(await exists(paths.downloadRun))) return
  if (await lockHolder(lock)) return
  await acquireLock(lock, { folder: paths.tarballs, what: command, onWait: print })
  releaseLock(lock)
}

/** @returns stems of the nights whose failures were printed */
async function downloadLocked(
  settings: Settings,
  paths: Paths,
  plan: DownloadPlan,
  request: DownloadRequest,
): Promise<ReadonlySet<string>> {
  const { command, progress } = request
  const lock = paths.lock('download')
  await ensureWritable(paths.data, paths.tarballs)
  await acquireLock(lock, { folder: paths.tarballs, what: command, onWait: print })
  try {
    const { note } = await findAria2c()
    if (note) print(note)
    await checkSpace(settings, paths, plan, command === 'make all')
  } catch (error) {
    releaseLock(lock)
    throw error
  }
  // `make all` shows the downloads together with the conversion.
  const display = command === 'make download' && displayOf(paths, progress)
  let reported: ReadonlySet<string>
  try {
    reported = await download(paths, plan.missing, request)
    // Count the downloads that ended since the last poll.
    await progress.poll()
  } finally {
    if (display) await display.end()
  }
  // Do not release the lock in a `finally`, because downloads may still be writing after a crash. A stale lock makes
  // the next run wait.
  releaseLock(lock)
  return reported
}

function displayOf(paths: Paths, progress: DownloadProgress): ProgressDisplay {
  return new ProgressDisplay(paths.progress('download'), async () => [await progress.poll()])
}

/** @returns stems of the nights whose failures were printed */
async function download(
  paths: Paths,
  rows: readonly ListedFile[],
  { jobs, throttle }: DownloadRequest,
): Promise<ReadonlySet<string>> {
  await throttle?.open()
  const reported = new Set<string>()
  const recording: Promise<void>[] = []
  await runMake(paths, rows, jobs, (stem, reason) => {
    reported.add(stem)
    throttle?.remove(`${stem}.tar.gz`)
    recording.push(recordDeath(paths, stem, reason))
  })
  await Promise.all(recording)
  await throttle?.close()
  await remove(paths.downloadRun)
  return reported
}

/** Records a failure that nights.mk has printed for a process that was killed. Other processes record their own. */
async function recordDeath(paths: Paths, stem: string, reason: string): Promise<void> {
  const night = nightOfStem(stem)
  if (night && !(await readFailure(paths, night))) await recordFailure(paths, night, reason)
}

/**
 * Runs make, which runs fetch-night.js for each tarball. make runs in the tarball folder, because it cannot handle a
 * target whose path contains spaces.
 * @param onFailure called for each failure in make's output, which includes killed processes that recorded none
 */
async function runMake(
  paths: Paths,
  rows: readonly ListedFile[],
  jobs: readonly string[],
  onFailure: (stem: string, reason: string) => void,
): Promise<void> {
  // A name of its own, so that a process of a killed run that is about to start a download does not join this run.
  const run = join(paths.downloadRun, randomUUID())
  await mkdir(run, { recursive: true })
  await writeFile(join(run, 'owner'), ownerText())
  await writeFile(join(run, 'missing'), rows.map(({ name }) => name).join(' '))
  await symlink(PROJECT, join(run, 'project'))
  const args = ['--no-print-directory', '-C', paths.tarballs, '-f', join(PROJECT, 'scripts/nights.mk'), ...jobs]
  const status = await relay('make', args, { [RUN_VARIABLE]: run }, line => {
    print(line)
    const [, stem, reason] = /^FAILED +(\S+) +(.+)/.exec(line) ?? []
    if (stem && reason) onFailure(stem, reason)
  })
  // If a download was killed, its aria2c may keep writing for up to a second, so wait for it to exit.
  if (status !== 0) await sleep(2 * POLL_INTERVAL_MS)
}

/** Checks that there is enough disk space for the download, and prints its size. */
async function checkSpace(settings: Settings, paths: Paths, plan: DownloadPlan, converts: boolean): Promise<void> {
  const bytes = await checkDownloadSpace(settings, paths, plan, converts)
  const { free } = await diskOf(paths.tarballs)
  print(`${plural(plan.missing.length, 'night')} to fetch, about ${showBytes(bytes)}; ${showBytes(free)} free`)
}

async function reportMissing(
  paths: Paths,
  { missing: attempted, givenUp: before }: DownloadPlan,
  command: DownloadRequest['command'],
  reported: ReadonlySet<string>,
): Promise<string[]> {
  const isMissing = async (row: ListedFile) =>
    obstacleAt(paths.tarball(nightOf(row))) !== undefined || needsDownload(paths, row)
  const { missing, givenUp } = await withoutGivenUp(paths, await filterLimit(attempted, isMissing))
  for (const row of missing) {
    const night = nightOf(row)
    if (reported.has(night.stem)) continue
    print(
      `FAILED    ${night.stem}  ${(await readFailure(paths, night)) ?? `it was not fetched: ${reasonFor(paths, night)}`}`,
    )
  }
  const allGivenUp = [...before, ...givenUp]
  for (const row of allGivenUp) {
    const { times, reason } = row.quarantined
    print(
      `${nightOf(row).stem}: given up after ${times} of ${MAX_ATTEMPTS} attempts: ${reason}: ` +
        `to try again, delete ${paths.quarantineRecord(nightOf(row))}`,
    )
  }
  return [
    ...(missing.length > 0
      ? [
          `${plural(missing.length, 'night')} not fetched (${someOf(missing.map(row => nightOf(row).stem))}): run ${command} again`,
        ]
      : []),
    ...(allGivenUp.length > 0 ? [`${plural(allGivenUp.length, 'night')} given up: see above`] : []),
  ]
}

/** Reason why a night is missing if no failure is recorded, e.g. because a folder has the name of its tarball. */
function reasonFor(paths: Paths, night: Night): string {
  return obstacleAt(paths.tarball(night)) ?? 'its line above has the reason, or the run ended before'
}
