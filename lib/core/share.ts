/** Something of so many bytes: a night, by its tarball. */
export interface Sized {
  readonly bytes: number
}

/** What a night takes besides its bytes: as much as so many more. Else empty nights would all be one task's. */
const EACH = 1 << 20

/**
 * Divides nights over tasks or nodes: the largest goes to who has least, and so on. All who know the same nights in the
 * same order come to the same shares, by themselves.
 */
export function divide<N extends Sized>(nights: readonly N[], parts: number): N[][] {
  const shares = Array.from({ length: parts }, () => ({ nights: [] as N[], load: 0 }))
  for (const night of nights.toSorted(largestFirst)) {
    const share = shares.reduce((least, other) => (other.load < least.load ? other : least))
    share.nights.push(night)
    share.load += night.bytes + EACH
  }
  return shares.map(({ nights }) => nights)
}

export function largestFirst(a: Sized, b: Sized): number {
  return b.bytes - a.bytes
}
