/** Seeded random number generator (mulberry32). The numbers are the same on every machine. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** Uniformly distributed number from 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  /** Integer from `first` to `last`, inclusive. */
  int(first: number, last: number): number {
    return first + Math.floor(this.next() * (last - first + 1))
  }

  /** Almost uniform 64-bit integer from `first` to `last`, inclusive. */
  long(first: bigint, last: bigint): bigint {
    const bits = (BigInt(this.int(0, 0xffffffff)) << 32n) | BigInt(this.int(0, 0xffffffff))
    return first + (bits % (last - first + 1n))
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** Like `between`, but rounded to a 32-bit float, so that Avro encoding preserves the value. */
  float(low: number, high: number): number {
    return Math.fround(this.between(low, high))
  }

  /**
   * Approximately normally distributed number. Avoids Math.log and Math.cos, because their results may differ between
   * engines.
   */
  noise(mean: number, sigma: number): number {
    const sum = this.next() + this.next() + this.next() + this.next()
    return mean + (sum - 2) * sigma * 1.7320508
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)] as T
  }

  letters(count: number): string {
    return Array.from({ length: count }, () => String.fromCharCode(this.int(97, 122))).join('')
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.int(0, 255)))
  }
}
