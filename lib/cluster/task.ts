import { appendFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { watchHeartbeat } from '../core/heartbeat.ts'
import { isHeldBy } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { divide } from '../core/share.ts'
import { plural, showBytes } from '../core/units.ts'
import type { Rank } from './rank.ts'
import { maxTasks, type Plan, RunFolder, type TaskEvent } from './run-folder.ts'

/** This process's task in a cluster run. */
export class ClusterTask {
  readonly plan: Plan
  /** This task's share of the nights. Every task computes the same shares. */
  readonly nights: Plan['nights']
  private readonly run: RunFolder
  private readonly rank: Rank

  private constructor(run: RunFolder, plan: Plan, rank: Rank) {
    this.run = run
    this.plan = plan
    this.rank = rank
    this.nights = divide(plan.nights, Math.min(rank.size, maxTasks(plan.nights)))[rank.rank] ?? []
  }

  /**
   * Joins a run with the rank assigned by the launcher. This process exits when the run ends, because nothing
   * reads a task's results after that.
   * @throws Error if the run has ended, or the rank cannot be claimed
   */
  static async join(path: string, rank: Rank): Promise<ClusterTask> {
    const run = new RunFolder(path)
    const plan = await run.readPlan()
    await run.claim(rank)
    const task = new ClusterTask(run, plan, rank)
    const isAlive = watchHeartbeat(plan.lock)
    setInterval(() => task.exitWithRun(isAlive), POLL_INTERVAL_MS).unref()
    return task
  }

  /** Reports the start of this task, if it has any nights. */
  async begin(workers: number): Promise<void> {
    if (this.nights.length === 0) return
    const { rank, size } = this.rank
    const bytes = this.nights.reduce((sum, night) => sum + night.bytes, 0)
    const share = `${plural(this.nights.length, 'night')}, ${showBytes(bytes)}, ${plural(workers, 'worker')}`
    await this.report({ began: { size, line: `task ${rank + 1} of ${size} on ${hostname()}: ${share}` } })
  }

  /** Appends an event to this task's file, and syncs the file so that other hosts can read it. */
  async report(event: TaskEvent): Promise<void> {
    await appendFile(this.run.eventsFile(this.rank.rank), `${JSON.stringify(event)}\n`, { flush: true })
  }

  private async exitWithRun(isAlive: () => Promise<boolean>): Promise<void> {
    const { lock, id } = this.plan
    const signs = [this.run.exists(), isHeldBy(lock, id), isAlive()]
    // If a check fails with an error, the run counts as alive, because the next check may succeed.
    const alive = await Promise.all(signs.map(sign => sign.catch(() => true)))
    if (alive.includes(false)) throw new Error(`the run of ${this.run.path} has ended, so this task stops`)
  }
}
