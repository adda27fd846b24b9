import timers from 'node:timers/promises'
import { showSeconds } from '../core/units.ts'

/** How often, and after which delays, a failed request to the archive is repeated. */
export interface RetryPolicy {
  /** Failed attempts in a row, none with progress, after which the request is given up. */
  readonly maxAttempts: number
  /** Delay after the first failed attempt, in ms; it doubles after every further one. */
  readonly firstDelayMs: number
  /** Time without data after which a transfer counts as failed, in s. */
  readonly stallSeconds: number
}

/** Delays of 4, 8, 16 and 32 s. */
export const RETRY_POLICY: RetryPolicy = { maxAttempts: 5, firstDelayMs: 4000, stallSeconds: 60 }

/** Longest delay that is honoured if the archive sends `Retry-After`, in ms. */
const MAX_RETRY_AFTER_MS = 3 * 60_000

/** An error that may not occur again: the request is worth another attempt. */
export class TransientError extends Error {
  /** Delay that the archive asks for, in ms; undefined if it does not. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, retryAfterMs?: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  /** Called before each delay with the reason and the length of the delay. */
  readonly onWait: (line: string) => void
  /** Bytes received so far: an attempt that adds some resets the count of failed attempts. */
  readonly progress?: () => Promise<number>
  /** Replaced in tests. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Repeats `attempt` with exponential backoff while it fails with a transient error. */
export async function retry<T>(
  attempt: () => Promise<T>,
  { policy, onWait, progress = async () => 0, sleep = timers.setTimeout }: RetryOptions,
): Promise<T> {
  let most = await progress()
  let failed = 0
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      const received = await progress()
      failed = received > most ? 1 : failed + 1
      most = Math.max(most, received)
      if (failed >= policy.maxAttempts) throw error
      const delay = delayAfter(error, failed, policy)
      onWait(`${error.message}: retrying in ${showSeconds(delay / 1000)}`)
      await sleep(delay)
    }
  }
}

function delayAfter({ message, retryAfterMs }: TransientError, failed: number, { firstDelayMs }: RetryPolicy): number {
  const delay = retryAfterMs ?? firstDelayMs * 2 ** (failed - 1)
  if (delay <= MAX_RETRY_AFTER_MS) return delay
  const [asked, limit] = [delay, MAX_RETRY_AFTER_MS].map(ms => showSeconds(ms / 1000))
  throw new TransientError(`${message}: it asks for a retry in ${asked}, longer than the limit of ${limit}`)
}
