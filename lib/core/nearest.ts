/**
 * Returns the name in upper case that was probably meant by a misspelt one, whatever its case: the one with the smallest edit
 * distance, if that is about a third of the letters at most; otherwise undefined.
 */
export function nearest(misspelt: string, names: readonly string[]): string | undefined {
  const ranked = names.map(name => ({ name, distance: editDistance(misspelt.toUpperCase(), name) }))
  const [best] = ranked.sort((a, b) => a.distance - b.distance)
  return best && best.distance <= (misspelt.length + 1) / 3 ? best.name : undefined
}

/** Edit distance: the number of letters to insert, delete, replace or swap with the next one, to turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  // Table of the distances between the beginnings of `a` and `b`.
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
