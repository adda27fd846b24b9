/** Something with a size, such as a night with the size of its tarball. */
export interface Sized {
  readonly bytes: number
}

/** Fixed cost of a night, in bytes. Without it, all empty nights would go to the same task. */
const OVERHEAD = 1 << 20

/**
 * Divides nights over tasks: the largest first, each to the task with the least bytes so far. The result depends only on
 * the nights and their order, so that every task can compute it without asking the others.
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

/** Compares by size, for `sort`. */
export function largestFirst(a: Sized, b: Sized): number {
  return b.bytes - a.bytes
}
