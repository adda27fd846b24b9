import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createExclusive, readOptional, writeAtomic } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import type { NightResult } from '../jobs/summary.ts'
import type { JobNight } from '../jobs/worker.ts'
import type { Rank } from './rank.ts'

/** What the tasks of a run are to do together. */
export interface Plan<N extends JobNight = JobNight> {
  /** What the run holds, and the id of that time. */
  readonly lock: string
  readonly id: string
  /** All settings, as texts: on other hosts the environment may be another, and `0` workers are other numbers. */
  readonly settings: Readonly<Record<string, string>>
  readonly nights: readonly (N & Sized)[]
}

/** What a task tells, a line each: who it is, and what became of a night. */
export type TaskEvent = { readonly began: { readonly size: number; readonly line: string } } | NightResult

/** How many tasks get something to do, at most; Slurm's arrays have no more elements either, by default. */
export function maxTasks({ length }: Plan['nights']): number {
  return Math.min(length, 1000)
}

/**
 * The folder by which a run and its tasks on other hosts speak with one another, since a file system is all that they
 * share.
 *
 * The tasks' files are there, empty, before the tasks are: an NFS client may believe for a minute that a name which is
 * new in a folder is not there, but a file that is opened tells what it holds.
 */
export class RunFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Made under a name that whoever holds the lock next removes. */
  static async make(plan: Plan): Promise<RunFolder> {
    const run = new RunFolder(`${plan.lock}.run.${randomUUID()}`)
    for (let rank = 0; rank < maxTasks(plan.nights); rank++) await writeAtomic(run.eventsFile(rank), '')
    await writeAtomic(run.plan, JSON.stringify(plan))
    return run
  }

  /** @throws Error in one sentence where the run has ended */
  async readPlan<N extends JobNight>(): Promise<Plan<N>> {
    const text = await readOptional(this.plan)
    if (text === undefined) throw new Error(`the run of ${this.path} has ended, and with it this task`)
    return JSON.parse(text)
  }

  async isThere(): Promise<boolean> {
    return (await readOptional(this.plan)) !== undefined
  }

  /**
   * Takes the place of a task, which only one may that is told this rank, and only as many as the first knew of.
   * @throws Error in one sentence where the launcher has told another the same, or something else
   */
  async claim({ rank, size }: Rank): Promise<void> {
    const [places, claim] = [join(this.path, 'size'), join(this.path, `claim-${rank}`)]
    await createExclusive(places, String(size))
    const known = await readOptional(places)
    if (known !== String(size)) throw new Error(`the launcher tells of ${size} tasks here, and elsewhere of ${known}`)
    if (!(await createExclusive(claim, ''))) throw new Error(`the launcher has started task ${rank} of ${size} twice`)
  }

  /** What a task has told so far, up to a line that is not whole: it is at that one, or died of it. */
  async eventsOf(rank: number): Promise<TaskEvent[]> {
    const lines = ((await readOptional(this.eventsFile(rank))) ?? '').split('\n').slice(0, -1).map(toldIn)
    const whole = lines.indexOf(undefined)
    return lines.slice(0, whole < 0 ? undefined : whole) as TaskEvent[]
  }

  /** The file that a task adds to. */
  eventsFile(rank: number): string {
    return join(this.path, `task-${rank}`)
  }

  private get plan(): string {
    return join(this.path, 'plan.json')
  }
}

function toldIn(line: string): TaskEvent | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
