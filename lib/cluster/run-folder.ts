import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createExclusive, readOptional, writeAtomic } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import type { NightToConvert } from '../jobs/convert-worker.ts'
import type { NightResult } from '../jobs/summary.ts'
import type { Rank } from './rank.ts'

/** The work of all tasks of a run. */
export interface Plan {
  /** Path of the lock that the run holds, and the id of its acquisition. */
  readonly lock: string
  readonly id: string
  /** Settings as texts: another host has another environment and number of cores. */
  readonly settings: Readonly<Record<string, string>>
  readonly nights: readonly (NightToConvert & Sized)[]
}

/** A line in a task's file: that it began, or the result of a night. */
export type TaskEvent = { readonly began: { readonly size: number; readonly line: string } } | NightResult

/** The most tasks that get work; a Slurm array has no more elements by default. */
export function maxTasks({ length }: Plan['nights']): number {
  return Math.min(length, 1000)
}

/**
 * The folder through which a run and its tasks on other hosts communicate: they share nothing but a file system.
 *
 * The tasks' files exist, empty, before the tasks start. An NFS client may not see a new name in a folder for a minute,
 * but reads an existing file as it is when it opens it.
 */
export class RunFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** The name begins like the lock's, so that the next holder of the lock removes a folder that was left. */
  static async make(plan: Plan): Promise<RunFolder> {
    const run = new RunFolder(`${plan.lock}.run.${randomUUID()}`)
    for (let rank = 0; rank < maxTasks(plan.nights); rank++) await writeAtomic(run.eventsFile(rank), '')
    await writeAtomic(run.planFile, JSON.stringify(plan))
    return run
  }

  /** @throws Error if the run has ended */
  async readPlan(): Promise<Plan> {
    const text = await readOptional(this.planFile)
    if (text === undefined) throw new Error(`the run of ${this.path} has ended, so this task stops`)
    return JSON.parse(text)
  }

  async exists(): Promise<boolean> {
    return (await readOptional(this.planFile)) !== undefined
  }

  /**
   * Claims a rank for this task.
   * @throws Error if another task has claimed it, or was given another number of tasks
   */
  async claim({ rank, size }: Rank): Promise<void> {
    const [sizeFile, claimFile] = [join(this.path, 'size'), join(this.path, `claim-${rank}`)]
    await createExclusive(sizeFile, String(size))
    const first = await readOptional(sizeFile)
    if (first !== String(size))
      throw new Error(`the launcher gives this task ${size} as the number of tasks, and another one ${first}`)
    if (!(await createExclusive(claimFile, '')))
      throw new Error(`the launcher has started task ${rank + 1} of ${size} twice`)
  }

  /** Events of a task so far, up to the first incomplete line: it is being written, or the task died writing it. */
  async eventsOf(rank: number): Promise<TaskEvent[]> {
    const lines = ((await readOptional(this.eventsFile(rank))) ?? '').split('\n').slice(0, -1).map(parseEvent)
    const incomplete = lines.indexOf(undefined)
    return lines.slice(0, incomplete < 0 ? undefined : incomplete) as TaskEvent[]
  }

  /** The file to which a task appends its events. */
  eventsFile(rank: number): string {
    return join(this.path, `task-${rank}`)
  }

  private get planFile(): string {
    return join(this.path, 'plan.json')
  }
}

function parseEvent(line: string): TaskEvent | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
