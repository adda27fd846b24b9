import { RETRY_POLICY, retry } from '../core/retry.ts'

/** Runs a task, and repeats it after transient errors. */
export type Attempt = <T>(task: () => Promise<T>) => Promise<T>

/** @param onWait called before each delay with a line to print */
export function attempts(onWait: (line: string) => void): Attempt {
  return task => retry(task, { policy: RETRY_POLICY, onWait })
}
