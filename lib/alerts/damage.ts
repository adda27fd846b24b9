import { clipped } from '../core/console.ts'

const LONGEST = 250

/**
 * Bytes that are not as an alert's should be: their packet is kept aside, and its night goes on.
 * Any other error is this machine's or ours, and fails the night.
 */
export class CorruptPacketError extends Error {
  /** @param message half a sentence about the packet; what it quotes from outside is made fit to be shown */
  constructor(message: string, options?: ErrorOptions) {
    super(clipped(message, LONGEST), options)
  }
}
