import { describeError } from '../core/errors.ts'

/** Nights that one worker process does one after the other. */
export interface Job<N extends JobNight = JobNight> {
  readonly nights: readonly N[]
}

export interface JobNight {
  readonly stem: string
}

/** Result of one night, or why it failed. */
export type Outcome<T> = { readonly stem: string } & (T | { readonly error: string })

/** worker-farm's callback, called once at the end of a job. Nothing is known about nights without an outcome. */
export type Answer<T> = (error: null, outcomes: Outcome<T>[]) => void

/**
 * Does the nights of a job one by one. A night that fails ends the job, since it may leave the process in any state;
 * another process then gets the remaining nights.
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

/** Whether wasm has aborted, for example out of memory. The process is unusable then; the night may be fine. */
function isPanic(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || isPanic(error.cause))
}
