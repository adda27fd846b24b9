import { MessageChannel } from 'node:worker_threads'

/** The one global of wasm that is used; Node's types lack it. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } }

const WASM_PAGE = 65_536

/**
 * Blocks of memory that are lent and given back, so that they are used again and no more of them are there than these.
 */
export class Blocks {
  private readonly free: Buffer[]
  private readonly waiting: ((block: Buffer) => void)[] = []

  /** @param size bytes a block, a multiple of 64 KiB: each begins at a page's start, as direct writes ask for */
  constructor(size: number, count: number) {
    // Of all memory that JavaScript can have, that of a wasm instance is the one that lies so.
    const { buffer } = new WebAssembly.Memory({ initial: (size * count) / WASM_PAGE })
    this.free = Array.from({ length: count }, (_, i) => Buffer.from(buffer, i * size, size))
  }

  /** A block that nobody has; waits for one where all are lent. */
  async take(): Promise<Buffer> {
    return this.free.pop() ?? new Promise(resolve => this.waiting.push(resolve))
  }

  give(block: Buffer): void {
    const next = this.waiting.shift()
    if (next) next(block)
    else this.free.push(block)
  }
}

const { port1: nowhere } = new MessageChannel()
nowhere.close()

/**
 * Gives the memory of a large buffer back at once: it goes as a message to nobody, and nothing can use it after.
 *
 * Left to the garbage collector, each buffer of tens of MB starts a whole collection, for the memory that it holds, and
 * a few of them are held at any time.
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  nowhere.postMessage(null, [buffer])
}
