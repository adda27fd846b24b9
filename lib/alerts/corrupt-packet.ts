import { clipped } from '../core/console.ts'

const MAX_MESSAGE_LENGTH = 250

/**
 * Damage in a single packet: the packet is saved in `bad/`, and the conversion of the night continues.
 * Any other error while decoding is a fault of this machine or program, and fails the night.
 */
export class CorruptPacketError extends Error {
  /** @param message may quote untrusted input: it is escaped and shortened here */
  constructor(message: string, options?: ErrorOptions) {
    super(clipped(message, MAX_MESSAGE_LENGTH), options)
  }
}
