import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { print } from '../core/console.ts'
import { remove } from '../core/files.ts'
import { GRACE_MS } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { divide } from '../core/share.ts'
import { launch, outsideMake } from '../core/shell.ts'
import type { NightResult } from '../jobs/summary.ts'
import { recordFailure } from '../nights/failures.ts'
import { planConversion } from '../nights/inventory.ts'
import { built, type Paths } from '../paths.ts'
import { type Settings, settingsForTasks } from '../settings.ts'
import { withoutRank } from './rank.ts'
import { maxTasks, type Plan, RunFolder, type TaskEvent } from './run-folder.ts'

/**
 * Converts nights in tasks that a launcher starts, possibly on other hosts. A night counts as failed if no task reports
 * it. The launcher's exit status is ignored, because its meaning differs between launchers.
 *
 * @param onResult called for each night as soon as its result is known
 * @throws Error if the launcher starts no task
 */
export async function launchTasks(
  settings: Settings,
  paths: Paths,
  { lock, ...work }: Omit<Plan, 'settings'>,
  onResult: (result: NightResult) => void,
): Promise<void> {
  if (work.nights.length === 0) return
  const plan = { ...work, lock: resolve(lock), settings: settingsForTasks() }
  const run = await RunFolder.make(plan)
  removeOnExit(run)
  const monitor = new TaskMonitor(run, plan.nights, onResult)
  const status = await pollUntilExit(monitor, startTasks(settings.LAUNCHER, run, plan))
  await remove(run.path)
  if (!monitor.size) throw new Error(`the launcher started no task, and exited with ${status}: ${settings.LAUNCHER}`)
  // A task may still be running on a host that Slurm has lost contact with. Give it time to notice that the
  // run's folder is gone.
  const reasons = monitor.reportMissing()
  if (reasons.size === 0) return
  await sleep(GRACE_MS)
  // A task may have converted a night before it died. That night is in the lake, so no later run would clear its failure.
  for (const night of (await planConversion(settings, paths)).pending) {
    const reason = reasons.get(night.stem)
    if (reason) await recordFailure(paths, night, reason)
  }
}

/** Runs the launcher, and returns its exit status, or null if a signal ended it. */
async function startTasks(launcher: string, run: RunFolder, { settings }: Plan): Promise<number | null> {
  // The launcher of `make lake-array` reads ELEMENTS from the environment.
  const env = { ...withoutRank(outsideMake()), ELEMENTS: settings.ELEMENTS }
  return launch(launcher, [process.execPath, ...process.execArgv, built('convert-task.js'), run.path], env)
}

/** Polls until the launcher exits, then once more for results that were reported after the last poll. */
async function pollUntilExit<T>(monitor: TaskMonitor, launched: Promise<T>): Promise<T> {
  const ended = new AbortController()
  const status = launched.finally(() => ended.abort())
  while (!ended.signal.aborted) {
    await monitor.poll()
    await sleep(POLL_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => {})
  }
  await monitor.poll()
  return status
}

/** Removes the run's folder when this process exits, so that the tasks exit too. */
function removeOnExit({ path }: RunFolder): void {
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      throw new Error(`ended by ${signal}: the next run resumes`)
    })
}

/** Reads the events reported by a run's tasks. */
class TaskMonitor {
  /** Number of tasks; undefined until one has reported. */
  size: number | undefined
  private readonly run: RunFolder
  private readonly nights: Plan['nights']
  private readonly onResult: (result: NightResult) => void
  /** Number of events already handled, by rank. */
  private readonly handled = new Map<number, number>()
  private readonly reported = new Set<string>()

  constructor(run: RunFolder, nights: Plan['nights'], onResult: (result: NightResult) => void) {
    this.run = run
    this.nights = nights
    this.onResult = onResult
  }

  async poll(): Promise<void> {
    for (let rank = 0; rank < this.tasks; rank++) {
      const events = await this.run.eventsOf(rank)
      for (const event of events.slice(this.handled.get(rank))) this.handle(event)
      this.handled.set(rank, events.length)
    }
  }

  /** Reports all nights without a result as failed; returns the reasons by stem. */
  reportMissing(): Map<string, string> {
    const reasons = new Map<string, string>()
    for (const [rank, nights] of divide(this.nights, this.tasks).entries())
      for (const { stem } of nights.filter(night => !this.reported.has(night.stem))) {
        const reason = `task ${rank + 1} of ${this.size} ended before this night, or never started`
        reasons.set(stem, reason)
        this.onResult({ stem, line: `FAILED    ${stem}  ${reason}`, failed: true })
      }
    return reasons
  }

  private get tasks(): number {
    return Math.min(this.size ?? Number.POSITIVE_INFINITY, maxTasks(this.nights))
  }

  private handle(event: TaskEvent): void {
    if ('began' in event) {
      this.size = event.began.size
      print(event.began.line)
    } else {
      this.reported.add(event.stem)
      this.onResult(event)
    }
  }
}
