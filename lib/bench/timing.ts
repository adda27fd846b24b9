import { bash } from '../core/shell.ts'

/** What a command took, in seconds: wall time, and processor time of it and all its children. */
export interface Timing {
  readonly wall: number
  readonly cpu: number
  /** Of the lake that the last run has left, if it left one. */
  readonly lake: LakeFacts | undefined
}

/** The most memory that a worker held, in bytes, and how many times smaller than the tar the lake is. */
export interface LakeFacts {
  readonly memory: number
  readonly ratio: number
}

/** One thing to time: what is made ready before each run, and a command of our own for bash. */
export interface Trial {
  readonly name: string
  readonly prepare?: () => Promise<void>
  readonly command: string
  /** What it works through, for its rates. */
  readonly alerts?: number
  readonly nights?: number
  /** Bytes of tar.gz. */
  readonly bytes?: number
  /** Wall seconds that the model of `make plan` says. */
  readonly foretold?: number
  /** Name of the trial that it is measured by. */
  readonly against?: string
  /** Where it leaves a lake, what there is to say of that. */
  readonly lake?: () => Promise<LakeFacts>
}

/**
 * Times trials in turn, so that a machine whose speed drifts treats them alike.
 * @returns the medians of each trial, in the order given
 * @throws Error in one sentence where a command fails
 */
export async function timeInTurn(trials: readonly Trial[], rounds: number): Promise<Timing[]> {
  const runs: Timing[][] = trials.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, { prepare, command, lake }] of trials.entries()) {
      await prepare?.()
      runs[i]?.push({ ...(await time(command)), lake: await lake?.() })
    }
  return runs.map(timings => ({
    wall: median(timings.map(({ wall }) => wall)),
    cpu: median(timings.map(({ cpu }) => cpu)),
    lake: timings.at(-1)?.lake,
  }))
}

async function time(command: string): Promise<Omit<Timing, 'lake'>> {
  const output = await bash(`TIMEFORMAT='%R %U %S'; time { ${command}; } > /dev/null`)
  const [wall = 0, user = 0, system = 0] = (output.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { wall, cpu: user + system }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
