/** Groups of benchmarks. `memory` takes ten minutes to prepare, so it runs only on request. */
export const BENCH_ROWS = ['inflate', 'original', 'lake', 'tiny', 'uris', 'all', 'memory'] as const
export type BenchRow = (typeof BENCH_ROWS)[number]

export interface BenchOptions {
  readonly rows: readonly BenchRow[]
  /** Alerts per night. */
  readonly alerts: number
}

const DEFAULT_ALERTS = 24_000
const [MIN_ALERTS, MAX_ALERTS] = [200, 10_000_000]

/** Parses the environment variable BENCH: groups and alerts per night, comma-separated, such as `lake,100000`. */
export function parseBench(text = ''): BenchOptions {
  const parts = text.split(',').flatMap(part => part.trim() || [])
  const numbers = parts.filter(part => /^\d+$/.test(part)).map(Number)
  const rows = BENCH_ROWS.filter(row => parts.includes(row))
  const [alerts = DEFAULT_ALERTS] = numbers
  const known = parts.every(part => /^\d+$/.test(part) || BENCH_ROWS.some(row => row === part))
  if (!known || numbers.length > 1 || alerts < MIN_ALERTS || alerts > MAX_ALERTS)
    throw new Error(
      `BENCH is '${text}': expected any of ${BENCH_ROWS.join(', ')} and at most one number of alerts ` +
        `from ${MIN_ALERTS} to ${MAX_ALERTS}, separated by commas`,
    )
  return { alerts, rows: rows.length > 0 ? rows : BENCH_ROWS.filter(row => row !== 'memory') }
}
