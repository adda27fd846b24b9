import type { Rank } from './rank.ts'

/** What a night takes besides its bytes: the same as so many more of them. Else empty nights would all be one task's. */
const EACH = 1 << 20

/**
 * What one of several tasks has to do: the largest goes to who has least, and so on. All tasks come to the same result, by
 * themselves, and no two have the same.
 */
export function shareOf<N extends { readonly stem: string; readonly bytes: number }>(
  nights: readonly N[],
  { rank, size }: Rank,
): N[] {
  const loads = Array.from({ length: size }, () => 0)
  const least = () => loads.indexOf(Math.min(...loads))
  return nights.toSorted(largestFirst).filter(({ bytes }) => {
    const task = least()
    loads[task] = (loads[task] ?? 0) + bytes + EACH
    return task === rank
  })
}

function largestFirst(a: { stem: string; bytes: number }, b: { stem: string; bytes: number }): number {
  return b.bytes - a.bytes || (a.stem < b.stem ? -1 : 1)
}
