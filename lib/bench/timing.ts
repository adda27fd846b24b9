import { bash } from '../core/shell.ts'
import { withPeakMemory } from './peak-memory.ts'

/** Result of a trial. Times are in seconds; `cpu` includes all child processes. */
export interface Timing {
  readonly wall: number
  readonly cpu: number
  /** Peak memory of the largest process in all rounds, in bytes; 0 if the trial does not measure it. */
  readonly peakMemory: number
  /** Undefined if the trial does not measure the lake. */
  readonly lake: LakeFacts | undefined
}

export interface LakeFacts {
  /** Largest peak memory of a worker, or of a peer's process, in bytes. */
  readonly memory: number
  /** Size of the uncompressed tars, divided by the size of the lake. */
  readonly ratio: number
}

export interface Trial {
  readonly name: string
  /** Called before each run of the command. This call is not included in the measured time. */
  readonly prepare?: () => Promise<unknown>
  /** Command line for bash. */
  readonly command: string
  readonly measuresMemory?: boolean
  /** Maximum number of rounds, for slow commands. */
  readonly maxRounds?: number
  readonly alerts?: number
  readonly nights?: number
  /** Total size in bytes of the tarballs that the command downloads or reads. */
  readonly bytes?: number
  /** Wall time forecast by `make plan`, in seconds. */
  readonly predicted?: number
  /** Name of the trial to compare with. */
  readonly baseline?: string
  /** Called after each run of the command. This call is not included in the measured time. */
  readonly lake?: () => Promise<LakeFacts>
}

/**
 * Runs all trials once per round, so that a change in the machine's speed affects all of them alike.
 * @returns medians over the rounds, in the order of the trials
 */
export async function timeInTurn(trials: readonly Trial[], rounds: number): Promise<Timing[]> {
  const runs: Timing[][] = trials.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, trial] of trials.entries()) if (round < (trial.maxRounds ?? rounds)) runs[i]?.push(await run(trial))
  return runs.map(timings => ({
    wall: median(timings.map(({ wall }) => wall)),
    cpu: median(timings.map(({ cpu }) => cpu)),
    peakMemory: Math.max(...timings.map(({ peakMemory }) => peakMemory)),
    lake: timings.at(-1)?.lake,
  }))
}

async function run({ prepare, command, measuresMemory, lake }: Trial): Promise<Timing> {
  await prepare?.()
  const work = () => time(command)
  const { result, peakMemory } = measuresMemory ? await withPeakMemory(work) : { result: await work(), peakMemory: 0 }
  return { ...result, peakMemory, lake: await lake?.() }
}

async function time(command: string): Promise<Pick<Timing, 'wall' | 'cpu'>> {
  const output = await bash(`TIMEFORMAT='%R %U %S'; time { ${command}; } > /dev/null`)
  const [wall = 0, user = 0, system = 0] = (output.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { wall, cpu: user + system }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
