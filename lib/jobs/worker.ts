import { describeError } from '../core/errors.ts'

/** A part of a farm's work: nights that one process does one by one. */
export interface Job<N extends JobNight = JobNight> {
  readonly nights: readonly N[]
}

export interface JobNight {
  readonly stem: string
}

/** What became of one night. */
export type Outcome<T> = { readonly stem: string } & (T | { readonly error: string })

/** How worker-farm has a process answer, once, at the job's end: of nights that are not in it nothing is known. */
export type Answer<T> = (error: null, outcomes: Outcome<T>[]) => void

/**
 * Does a job's nights one by one. A night that fails ends the job, since it may leave the process in any state: the
 * nights that are not told of are then to be given to another.
 */
export async function forEachNight<N extends JobNight, T>(
  nights: readonly N[],
  work: (night: N) => Promise<T>,
  answer: Answer<T>,
): Promise<void> {
  const outcomes: Outcome<T>[] = []
  for (const night of nights) {
    try {
      outcomes.push({ stem: night.stem, ...(await work(night)) })
    } catch (error) {
      if (!isPanic(error)) outcomes.push({ stem: night.stem, error: describeError(error) })
      break
    }
  }
  answer(null, outcomes)
}

/** Whether wasm gave up, as it does where memory ends: the process is then of no more use, the night may be. */
function isPanic(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || isPanic(error.cause))
}
