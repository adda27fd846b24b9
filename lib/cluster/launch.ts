import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { print } from '../core/console.ts'
import { remove } from '../core/files.ts'
import { GRACE_MS } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { divide } from '../core/share.ts'
import { launch } from '../core/shell.ts'
import type { NightResult } from '../jobs/summary.ts'
import { built } from '../paths.ts'
import { settingsAsGiven } from '../settings.ts'
import { maxTasks, type Plan, RunFolder, type TaskEvent } from './run-folder.ts'

/**
 * Has a launcher's tasks, on any hosts, do the nights of a plan, and tells what became of each as soon as that is
 * known. What a task did not tell has failed; the launcher's own exit status says nothing, since each has its own rules
 * for it.
 *
 * @throws Error in one sentence where the launcher started no task
 */
export async function launchTasks(
  { lock, ...work }: Omit<Plan, 'settings'>,
  launcher: string,
  onEnd: (end: NightResult) => void,
): Promise<void> {
  if (work.nights.length === 0) return
  const plan = { ...work, lock: resolve(lock), settings: settingsAsGiven() }
  const run = await RunFolder.make(plan)
  endTasksWithThis(run)
  const ear = new TaskMonitor(run, plan.nights, onEnd)
  const ended = new AbortController()
  const launched = launch(launcher, [process.execPath, built('convert-task.js'), run.path]).finally(() => ended.abort())
  while (!ended.signal.aborted) {
    await ear.poll()
    await sleep(POLL_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => {})
  }
  // Once more: a task may have told its last just after it was listened to.
  await ear.poll()
  await remove(run.path)
  if (!ear.size) throw new Error(`the launcher started no task and ended with status ${await launched}: ${launcher}`)
  // A host that Slurm has lost may still be at work: its task ends when it finds this gone.
  if (ear.reportMissing()) await sleep(GRACE_MS)
}

/** Tasks end, and those that have not begun do nothing, when they find the run's folder gone. */
function endTasksWithThis({ path }: RunFolder): void {
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))
}

/** Hears what the tasks tell. */
class TaskMonitor {
  /** How many tasks there are; undefined until one has told. */
  size: number | undefined
  private readonly run: RunFolder
  private readonly nights: Plan['nights']
  private readonly onEnd: (end: NightResult) => void
  /** How many lines of each task were heard. */
  private readonly heard = new Map<number, number>()
  private readonly told = new Set<string>()

  constructor(run: RunFolder, nights: Plan['nights'], onEnd: (end: NightResult) => void) {
    this.run = run
    this.nights = nights
    this.onEnd = onEnd
  }

  /** Hears what is new. */
  async poll(): Promise<void> {
    for (let rank = 0; rank < this.places; rank++) {
      const lines = await this.run.eventsOf(rank)
      for (const line of lines.slice(this.heard.get(rank))) this.handle(line)
      this.heard.set(rank, lines.length)
    }
  }

  /** Tells of the nights that no task told of; returns whether there are any. */
  reportMissing(): boolean {
    for (const [rank, nights] of divide(this.nights, this.places).entries())
      for (const { stem } of nights.filter(night => !this.told.has(night.stem))) {
        const task = `task ${rank + 1} of ${this.size}`
        const line = `FAILED    ${stem}  ${task} ended, or was never started, before it told of it`
        this.onEnd({ stem, line, failed: true })
      }
    return this.told.size < this.nights.length
  }

  private get places(): number {
    return Math.min(this.size ?? Number.POSITIVE_INFINITY, maxTasks(this.nights))
  }

  private handle(told: TaskEvent): void {
    if ('began' in told) {
      this.size = told.began.size
      print(told.began.line)
    } else {
      this.told.add(told.stem)
      this.onEnd(told)
    }
  }
}
