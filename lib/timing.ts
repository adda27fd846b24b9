import { bash } from './shell.ts'

/** What a command took, in seconds: wall time, and processor time of it and all its children. */
export interface Timing {
  readonly wall: number
  readonly cpu: number
}

/** One thing to time: what is made ready before each run, and a command of our own for bash. */
export interface Trial {
  readonly name: string
  readonly prepare?: () => Promise<void>
  readonly command: string
}

/**
 * Times trials in turn, so that a machine whose speed drifts treats them alike.
 * @returns the medians of each trial, in the order given
 * @throws Error in one sentence where a command fails
 */
export async function timeInTurn(trials: readonly Trial[], rounds: number): Promise<Timing[]> {
  const runs: Timing[][] = trials.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, { prepare, command }] of trials.entries()) {
      await prepare?.()
      runs[i]?.push(await time(command))
    }
  return runs.map(timings => ({ wall: median(timings, 'wall'), cpu: median(timings, 'cpu') }))
}

async function time(command: string): Promise<Timing> {
  const output = await bash(`TIMEFORMAT='%R %U %S'; time { ${command}; } > /dev/null`)
  const [wall = 0, user = 0, system = 0] = (output.trim().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { wall, cpu: user + system }
}

function median(timings: readonly Timing[], of: keyof Timing): number {
  const values = timings.map(timing => timing[of]).sort((a, b) => a - b)
  return values[values.length >> 1] ?? Number.NaN
}
