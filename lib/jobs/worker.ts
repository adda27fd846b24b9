import { describeError } from '../core/errors.ts'

/** Nights that one worker process handles one by one. */
export interface Job<N extends JobNight = JobNight> {
  readonly nights: readonly N[]
}

export interface JobNight {
  readonly stem: string
}

/** Result of one night, or its error. */
export type Outcome<T> = { readonly stem: string } & (T | Failure)

interface Failure {
  readonly error: string
  /** Whether every other night would fail too, because the disk is full. */
  readonly isDiskFull?: boolean
  /** Whether the night was not tried, because another has found the disk full. */
  readonly untried?: boolean
}

/** Callback of worker-farm, called at the end of a job. Nights without an outcome have to be run again. */
export type Answer<T> = (error: null, outcomes: Outcome<T>[]) => void

/**
 * Handles the nights of a job one by one. A failed night ends the job, because the process may be in a bad state. Other
 * processes handle the remaining nights.
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
      if (!isPanic(error))
        outcomes.push({ stem: night.stem, error: describeError(error), isDiskFull: isDiskFull(error) })
      break
    }
  }
  answer(null, outcomes)
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '') || isDiskFull(error.cause)
}

/** Whether wasm aborted, e.g. because memory ran out. The process is then unusable, but the night may be intact. */
function isPanic(error: unknown): boolean {
  return error instanceof Error && (error.name === 'RuntimeError' || isPanic(error.cause))
}
