/**
 * Groups of benchmarks. Two run only on request: `memory` takes ten minutes to prepare, and `reading`, which asks
 * questions of a simulated full-size lake, takes minutes and 3 GB of disk.
 */
export const BENCH_ROWS = ['inflate', 'original', 'lake', 'tiny', 'uris', 'all', 'memory', 'reading'] as const
export type BenchRow = (typeof BENCH_ROWS)[number]

const ON_REQUEST: readonly BenchRow[] = ['memory', 'reading']

const DEFAULT_ALERTS = 96_000
/** For `reading` alone: four full files. ext4 allows enough links to them for the simulated lake. */
const DEFAULT_ALERTS_READING = 12_000

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
  const onlyReads = rows.length > 0 && rows.every(row => row === 'reading')
  return {
    rows: rows.length > 0 ? rows : BENCH_ROWS.filter(row => !ON_REQUEST.includes(row)),
    alerts: numbers[0] ?? (onlyReads ? DEFAULT_ALERTS_READING : DEFAULT_ALERTS),
  }
}
