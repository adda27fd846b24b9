export interface Sized {
  readonly bytes: number
}

/** Fixed cost of a night, in bytes. Without it, all empty nights would go to the same task. */
const OVERHEAD = 1 << 20

/**
 * Assigns each night, largest first, to the task with the fewest bytes so far. The result depends only on the
 * arguments, so that every task can compute it by itself.
 */
export function divide<N extends Sized>(nights: readonly N[], parts: number): N[][] {
  const shares = Array.from({ length: parts }, () => ({ nights: [] as N[], load: 0 }))
  for (const night of nights.toSorted(largestFirst)) {
    const smallest = shares.reduce((least, share) => (share.load < least.load ? share : least))
    smallest.nights.push(night)
    smallest.load += night.bytes + OVERHEAD
  }
  return shares.map(({ nights }) => nights)
}

export function largestFirst(a: Sized, b: Sized): number {
  return b.bytes - a.bytes
}
