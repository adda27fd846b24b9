import { clipped } from '../core/console.ts'

const MAX_MESSAGE_LENGTH = 250

/**
 * Error in a single packet, which is saved in `bad/`; the night's conversion continues.
 * Any other error during decoding is caused by this machine or program, and fails the night.
 */
export class CorruptPacketError extends Error {
  /** @param message may quote untrusted input, because it is escaped and shortened here */
  constructor(message: string, options?: ErrorOptions) {
    super(clipped(message, MAX_MESSAGE_LENGTH), options)
  }
}
