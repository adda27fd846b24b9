import { MessageChannel } from 'node:worker_threads'

const { port1: nowhere } = new MessageChannel()
nowhere.close()

/**
 * Gives the memory of a large buffer back at once: it goes as a message to nobody, and nothing can use it after.
 *
 * Left to the garbage collector, each buffer of tens of MB starts a whole collection, for the memory that it holds, and
 * a few of them are held at any time.
 */
export function release(buffer: ArrayBuffer): void {
  nowhere.postMessage(null, [buffer])
}
