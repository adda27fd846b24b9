import { appendFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { Watch } from '../heartbeat.ts'
import { isHeldBy } from '../lock.ts'
import { LOOK } from '../parents.ts'
import { divide } from '../share.ts'
import { plural, showBytes } from '../units.ts'
import type { JobNight } from '../work/task.ts'
import type { Rank } from './rank.ts'
import { type Plan, placesFor, RunFolder, type Told } from './runfolder.ts'

/** One of the tasks of a run, seen from within. */
export class RunTask<N extends JobNight> {
  readonly plan: Plan<N>
  /** What is this task's to do, and no other's. */
  readonly nights: Plan<N>['nights']
  private readonly run: RunFolder
  private readonly rank: Rank

  private constructor(run: RunFolder, plan: Plan<N>, rank: Rank) {
    this.run = run
    this.plan = plan
    this.rank = rank
    this.nights = divide(plan.nights, Math.min(rank.size, placesFor(plan.nights)))[rank.rank] ?? []
  }

  /**
   * Takes the place that the launcher gives this process. It ends when the run does, since nobody takes what it makes
   * then.
   * @throws Error in one sentence where the run has ended, or the place is taken
   */
  static async join<N extends JobNight>(path: string, rank: Rank): Promise<RunTask<N>> {
    const run = new RunFolder(path)
    const plan = await run.readPlan<N>()
    await run.claim(rank)
    const task = new RunTask(run, plan, rank)
    const watch = new Watch(plan.lock)
    setInterval(() => task.endWithRun(watch), LOOK).unref()
    return task
  }

  /** Says who this is, and what it has to do. @param means that it has for that */
  async begin(means: string): Promise<void> {
    const { rank, size } = this.rank
    const bytes = this.nights.reduce((sum, night) => sum + night.bytes, 0)
    const share = `${plural(this.nights.length, 'night')}, ${showBytes(bytes)}, ${means}`
    const line = `task ${rank + 1} of ${size} on ${hostname()}: ${share}`
    if (this.nights.length > 0) await this.tell({ began: { size, line } })
  }

  /** Tells whoever started the run; who reads it once this is done finds it, on any host. */
  async tell(told: Told): Promise<void> {
    await appendFile(this.run.told(this.rank.rank), `${JSON.stringify(told)}\n`, { flush: true })
  }

  private async endWithRun(watch: Watch): Promise<void> {
    const { lock, id } = this.plan
    const signs = [this.run.isThere(), isHeldBy(lock, id), watch.seesLife()]
    // What cannot be read now is read again.
    const seen = await Promise.all(signs.map(sign => sign.catch(() => true)))
    if (seen.includes(false)) throw new Error(`the run of ${this.run.path} has ended, and with it this task`)
  }
}
