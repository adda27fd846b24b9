import { setTimeout as sleep } from 'node:timers/promises'
import { showSeconds } from '../core/units.ts'

/** How long the archive is borne with. */
export interface RetryPolicy {
  /** Tries in a row of which none has brought anything, before it is given up. */
  readonly tries: number
  /** Wait after the first of them, in ms; doubled after each. */
  readonly wait: number
  /** Seconds in which a transfer may bring nothing. */
  readonly stall: number
}

export const RETRY_POLICY: RetryPolicy = { tries: 5, wait: 4000, stall: 60 }

/** The longest wait that the archive is granted where it asks for one, in ms. */
const LONGEST = 3 * 60_000

/** What may heal by itself: it is worth another try. */
export class TransientError extends Error {
  /** When the archive wants to be asked again, in ms from now; undefined where it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, after?: number) {
    super(message)
    this.retryAfterMs = after
  }
}

/**
 * Does something again, after a wait, for as long as what stops it may heal.
 *
 * @param notice is told before each wait, in half a sentence, why and for how long
 * @param progress how much there is so far: a try that has brought more is not counted
 * @throws Error in half a sentence where it does not heal
 */
export async function retry<T>(
  { tries, wait }: RetryPolicy,
  notice: (line: string) => void,
  act: () => Promise<T>,
  progress: () => Promise<number> = async () => 0,
): Promise<T> {
  let most = await progress()
  for (let failed = 1; ; failed++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof TransientError)) throw error
      const there = await progress()
      if (there > most) failed = 1
      most = Math.max(most, there)
      if (failed >= tries) throw error
      const pause = error.retryAfterMs ?? wait * 2 ** (failed - 1)
      const again = `${error.message}: again in ${showSeconds(pause / 1000)}`
      if (pause > LONGEST) throw new TransientError(`${again}, which is too long to wait`)
      notice(again)
      await sleep(pause)
    }
  }
}
