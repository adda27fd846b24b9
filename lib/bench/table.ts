import type { Timing, Trial } from './timing.ts'

type Cell = (trial: Trial, timing: Timing, baseline: Timing | undefined) => string | undefined

const COLUMNS: Record<string, Cell> = {
  '': ({ name }) => name,
  'wall s': (_, { wall }) => wall.toFixed(2),
  'plan s': ({ predicted }) => predicted?.toFixed(2),
  'CPU s': (_, { cpu }) => cpu.toFixed(2),
  'alerts/s': ({ alerts }, { wall }) => rate(alerts, wall, 0),
  'nights/s': ({ nights }, { wall }) => rate(nights, wall, 1),
  'MB/s': ({ bytes }, { wall }) => rate(bytes, wall * 1e6, 0),
  'peak MB': (_, { peakMemory }) => (peakMemory > 0 ? (peakMemory / 1e6).toFixed(0) : undefined),
  'worker MB': (_, { lake }) => lake && (lake.memory / 1e6).toFixed(0),
  smaller: (_, { lake }) => lake?.ratio.toFixed(2),
  wall: (_, { wall }, baseline) => baseline && (wall / baseline.wall).toFixed(2),
  CPU: (_, { cpu }, baseline) => baseline && (cpu / baseline.cpu).toFixed(2),
  against: ({ baseline }, _, found) => found && baseline,
}

/** Cells of the benchmark table: a row of headings, then one row per trial. Columns without any value are left out. */
export function timingTable(trials: readonly Trial[], timings: readonly Timing[]): string[][] {
  const rows = trials.map((trial, i) => {
    const baseline = timings[trials.findIndex(({ name }) => name === trial.baseline)]
    return Object.values(COLUMNS).map(cell => cell(trial, timings[i] as Timing, baseline) ?? '')
  })
  const isUsed = (_: string, column: number) => rows.some(row => row[column])
  return [Object.keys(COLUMNS), ...rows].map(row => row.filter(isUsed))
}

function rate(amount: number | undefined, time: number, digits: number): string | undefined {
  return amount === undefined ? undefined : (amount / time).toFixed(digits)
}
