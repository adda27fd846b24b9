import timers from 'node:timers/promises'
import { showSeconds } from './units.ts'

/** Limits and delays for repeating failed requests. */
export interface RetryPolicy {
  /** Maximum number of consecutive failed attempts without progress. */
  readonly maxAttempts: number
  /** Delay after the first failed attempt, in ms. It doubles after each further failure. */
  readonly firstDelayMs: number
  /** Time without data after which a transfer counts as failed, in s. */
  readonly stallSeconds: number
}

/** Retries after 4, 8, 16 and 32 s. */
export const RETRY_POLICY: RetryPolicy = { maxAttempts: 5, firstDelayMs: 4000, stallSeconds: 60 }

/** Longest `Retry-After` delay that is honoured, in ms. */
const MAX_RETRY_AFTER_MS = 3 * 60_000
const DAY_MS = 24 * 3_600_000

interface TransientOptions {
  /** Delay requested by the server, in ms; undefined if it requests none. */
  readonly retryAfterMs?: number | undefined
  /** Number of new bytes that count as progress. */
  readonly minProgress?: number
}

/** An error that may not occur again if the request is repeated. */
export class TransientError extends Error {
  readonly retryAfterMs: number | undefined
  readonly minProgress: number

  constructor(message: string, { retryAfterMs, minProgress = 1 }: TransientOptions = {}) {
    super(message)
    this.retryAfterMs = retryAfterMs
    this.minProgress = minProgress
  }
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  /** Called before each delay with a line to print, which contains the reason and the delay. */
  readonly onWait: (line: string) => void
  /** Returns the number of bytes received so far. Progress resets the count of failed attempts. */
  readonly progress?: () => Promise<number>
  /** Tests replace this function. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

/** Repeats `attempt` with exponential backoff after transient errors, up to the policy's limit. */
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
      failed = received >= most + error.minProgress ? 1 : failed + 1
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
  const asked = delay > DAY_MS ? 'more than a day' : showSeconds(delay / 1000)
  const limit = showSeconds(MAX_RETRY_AFTER_MS / 1000)
  throw new TransientError(`${message}: it asks for a retry in ${asked}, longer than the limit of ${limit}`)
}
