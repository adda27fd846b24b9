import { appendFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { HeartbeatMonitor } from '../core/heartbeat.ts'
import { isHeldBy } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import { divide } from '../core/share.ts'
import { plural, showBytes } from '../core/units.ts'
import type { JobNight } from '../jobs/worker.ts'
import type { Rank } from './rank.ts'
import { maxTasks, type Plan, RunFolder, type TaskEvent } from './run-folder.ts'

/** One of the tasks of a run, seen from within. */
export class ClusterTask<N extends JobNight> {
  readonly plan: Plan<N>
  /** What is this task's to do, and no other's. */
  readonly nights: Plan<N>['nights']
  private readonly run: RunFolder
  private readonly rank: Rank

  private constructor(run: RunFolder, plan: Plan<N>, rank: Rank) {
    this.run = run
    this.plan = plan
    this.rank = rank
    this.nights = divide(plan.nights, Math.min(rank.size, maxTasks(plan.nights)))[rank.rank] ?? []
  }

  /**
   * Takes the place that the launcher gives this process. It ends when the run does, since nobody takes what it makes
   * then.
   * @throws Error in one sentence where the run has ended, or the place is taken
   */
  static async join<N extends JobNight>(path: string, rank: Rank): Promise<ClusterTask<N>> {
    const run = new RunFolder(path)
    const plan = await run.readPlan<N>()
    await run.claim(rank)
    const task = new ClusterTask(run, plan, rank)
    const watch = new HeartbeatMonitor(plan.lock)
    setInterval(() => task.endWithRun(watch), POLL_INTERVAL_MS).unref()
    return task
  }

  /** Says who this is, and what it has to do. @param means that it has for that */
  async begin(means: string): Promise<void> {
    const { rank, size } = this.rank
    const bytes = this.nights.reduce((sum, night) => sum + night.bytes, 0)
    const share = `${plural(this.nights.length, 'night')}, ${showBytes(bytes)}, ${means}`
    const line = `task ${rank + 1} of ${size} on ${hostname()}: ${share}`
    if (this.nights.length > 0) await this.report({ began: { size, line } })
  }

  /** Tells whoever started the run; who reads it once this is done finds it, on any host. */
  async report(told: TaskEvent): Promise<void> {
    await appendFile(this.run.eventsFile(this.rank.rank), `${JSON.stringify(told)}\n`, { flush: true })
  }

  private async endWithRun(watch: HeartbeatMonitor): Promise<void> {
    const { lock, id } = this.plan
    const signs = [this.run.isThere(), isHeldBy(lock, id), watch.isAlive()]
    // What cannot be read now is read again.
    const seen = await Promise.all(signs.map(sign => sign.catch(() => true)))
    if (seen.includes(false)) throw new Error(`the run of ${this.run.path} has ended, and with it this task`)
  }
}
