/** Groups of benchmarks. `memory` runs only on request, because it takes ten minutes to prepare. */
export const BENCH_ROWS = ['inflate', 'original', 'lake', 'tiny', 'uris', 'all', 'memory'] as const
export type BenchRow = (typeof BENCH_ROWS)[number]

const DEFAULT_ALERTS = 96_000

/** Parses BENCH, a comma-separated list of groups and a number of alerts per night, such as `lake,100000`. */
export function parseBench(text = ''): { rows: readonly BenchRow[]; alerts: number } {
  const parts = text.split(',').flatMap(part => part.trim() || [])
  const numbers = parts.filter(part => /^[1-9]\d{2,6}$/.test(part)).map(Number)
  const rows = BENCH_ROWS.filter(row => parts.includes(row))
  if (numbers.length > 1 || numbers.length + rows.length < parts.length)
    throw new Error(
      `BENCH is '${text}': expected any of ${BENCH_ROWS.join(', ')} and at most one number of alerts ` +
        'from 100 to 9999999, separated by commas',
    )
  return {
    rows: rows.length > 0 ? rows : BENCH_ROWS.filter(row => row !== 'memory'),
    alerts: numbers[0] ?? DEFAULT_ALERTS,
  }
}
