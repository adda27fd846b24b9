import { MessageChannel } from 'node:worker_threads'

/** Missing in Node's types. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } }

const WASM_PAGE = 65_536

/** A fixed pool of page-aligned blocks, as direct writes need them. */
export class BlockPool {
  private readonly free: Buffer[]
  private readonly waiting: ((block: Buffer) => void)[] = []

  /** @param size bytes per block, a multiple of 64 KiB */
  constructor(size: number, count: number) {
    // WebAssembly memory is the only memory of JavaScript that is guaranteed to be page-aligned.
    const { buffer } = new WebAssembly.Memory({ initial: (size * count) / WASM_PAGE })
    this.free = Array.from({ length: count }, (_, i) => Buffer.from(buffer, i * size, size))
  }

  /** Takes a block, or waits until one is returned. */
  async take(): Promise<Buffer> {
    return this.free.pop() ?? new Promise(resolve => this.waiting.push(resolve))
  }

  give(block: Buffer): void {
    const next = this.waiting.shift()
    if (next) next(block)
    else this.free.push(block)
  }
}

const { port1: closedPort } = new MessageChannel()
closedPort.close()

/**
 * Frees the memory of a large buffer at once, by transferring it to a closed port. The buffer is empty afterwards.
 *
 * Left to the garbage collector, each buffer of tens of MB would trigger a full collection, and a few of them would be
 * alive at any time.
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  closedPort.postMessage(null, [buffer])
}
