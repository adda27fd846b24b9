import { MessageChannel } from 'node:worker_threads'

/** Declared here because it is missing from Node's types. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } }

const WASM_PAGE = 65_536

/** A fixed-size pool of page-aligned blocks, for direct I/O. */
export class BlockPool {
  private readonly free: Buffer[]
  private readonly waiting: ((block: Buffer) => void)[] = []

  /** @param size bytes per block, a multiple of 64 KiB */
  constructor(size: number, count: number) {
    // In JavaScript only WebAssembly memory is guaranteed to be page-aligned.
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
 * Frees the memory of a large buffer immediately, by transferring it to a closed port. The buffer is empty afterwards.
 *
 * Waiting for the garbage collector would keep several unused buffers of tens of MB in memory.
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  closedPort.postMessage(null, [buffer])
}
