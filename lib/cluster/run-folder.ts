import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createExclusive, parseOptional, readOptional, writeAtomic } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import type { NightToConvert } from '../jobs/convert-worker.ts'
import type { NightResult } from '../jobs/summary.ts'
import type { Rank } from './rank.ts'

/** A run's work and settings. Each task reads them. */
export interface Plan {
  /** Path of the lock held by the run. */
  readonly lock: string
  /** Id that `acquireLock` returned, for `isHeldBy`. */
  readonly id: string
  /** Unparsed settings. Each task parses them, because some defaults depend on its host's number of cores. */
  readonly settings: Readonly<Record<string, string>>
  readonly nights: readonly (NightToConvert & Sized)[]
}

/** An event in a task's file: the start of the task, or the result of a night. */
export type TaskEvent = { readonly began: { readonly size: number; readonly line: string } } | NightResult

/** Maximum number of tasks that get work. By default, Slurm limits arrays to 1,000 elements. */
export function maxTasks({ length }: Plan['nights']): number {
  return Math.min(length, 1000)
}

/**
 * Folder through which a run and its tasks communicate. Their hosts may share nothing but a file system.
 *
 * The tasks' files are created before the tasks start, because an NFS client may take a minute to see a new file. When
 * the client opens an existing file, it sees the current content.
 */
export class RunFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Creates a folder named after the lock, so that the next holder of the lock removes it if it is left over. */
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
   * @throws Error if another task has claimed it, or was given a different number of tasks
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

  /** Events that a task has reported so far. Stops at an incomplete line, because the task may still be writing it. */
  async eventsOf(rank: number): Promise<TaskEvent[]> {
    const lines = ((await readOptional(this.eventsFile(rank))) ?? '')
      .split('\n')
      .slice(0, -1)
      .map(line => parseOptional<TaskEvent>(line))
    const incomplete = lines.indexOf(undefined)
    return lines.slice(0, incomplete < 0 ? undefined : incomplete) as TaskEvent[]
  }

  /** Path of the file to which a task appends its events. */
  eventsFile(rank: number): string {
    return join(this.path, `task-${rank}`)
  }

  private get planFile(): string {
    return join(this.path, 'plan.json')
  }
}
