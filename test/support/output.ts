/** Stems of the nights in lines such as `converted STEM ...`, in the order of the lines. */
export function stemsIn(out: string, word: 'converted' | 'fetched' | 'FAILED' | 'waiting'): string[] {
  return [...out.matchAll(new RegExp(`^${word} +(ztf\\S+)`, 'gm'))].map(([, stem = '']) => stem)
}

/** Names of the nights that `make -n` would fetch, convert or remove. */
export function previewed(out: string, verb: 'fetch' | 'convert' | 'remove'): string[] {
  return [...out.matchAll(new RegExp(`^${verb} (\\S+)$`, 'gm'))].map(([, name = '']) => name)
}

/** Cells of the rows of `make status`, by the name of the row. */
export function statusRows(out: string): Map<string, string[]> {
  const lines = out.split('\n').map(line => line.trim().split(/ {2,}/))
  return new Map(lines.filter(cells => /^\d/.test(cells[1] ?? '')).map(([name = '', ...cells]) => [name, cells]))
}
