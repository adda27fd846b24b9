import { clipped } from '../core/console.ts'

const MAX_MESSAGE_LENGTH = 250

/**
 * Error in a single packet, which is left out of the lake while the night's conversion continues.
 * Any other decoding error fails the night, because the packet did not cause it.
 */
export class CorruptPacketError extends Error {
  /** @param message may quote untrusted input, because it is escaped and shortened here */
  constructor(message: string, options?: ErrorOptions) {
    super(clipped(message, MAX_MESSAGE_LENGTH), options)
  }
}
