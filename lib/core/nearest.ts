/**
 * Returns the candidate that a misspelt name differs from by the fewest letters, at most a third of its own; undefined if
 * there is none. Upper and lower case are the same.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map(candidate => ({ candidate, changes: changes(name.toUpperCase(), candidate) }))
  const [best] = ranked.sort((a, b) => a.changes - b.changes)
  return best && best.changes <= (name.length + 1) / 3 ? best.candidate : undefined
}

/** Number of letters to insert, delete, replace or swap with the next, to turn `a` into `b`. */
function changes(a: string, b: string): number {
  // Rows of the table of distances between the beginnings of `a` and `b`.
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      rows[i]?.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          isSwap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
