import type { Timing, Trial } from './timing.ts'

const HEADING = [
  '',
  'wall s',
  'plan s',
  'CPU s',
  'alerts/s',
  'nights/s',
  'MB/s',
  'worker MB',
  'smaller',
  'wall',
  'CPU',
  'against',
]

/** Cells of the benchmark's table, with headings: a row per trial. */
export function timingTable(trials: readonly Trial[], timings: readonly Timing[]): string[][] {
  const baselineOf = (trial: Trial) => timings[trials.findIndex(({ name }) => name === trial.baseline)]
  return [HEADING, ...trials.map((trial, i) => cells(trial, timings[i] as Timing, baselineOf(trial)))]
}

function cells(trial: Trial, { wall, cpu, lake }: Timing, baseline: Timing | undefined): string[] {
  const { name, alerts, nights, bytes, predicted } = trial
  const rate = (amount: number | undefined, digits = 0) => (amount ? (amount / wall).toFixed(digits) : '')
  return [
    name,
    wall.toFixed(2),
    predicted?.toFixed(2) ?? '',
    cpu.toFixed(2),
    rate(alerts),
    rate(nights, 1),
    rate(bytes && bytes / 1e6),
    lake ? (lake.memory / 1e6).toFixed(0) : '',
    lake ? lake.ratio.toFixed(2) : '',
    baseline ? (wall / baseline.wall).toFixed(2) : '',
    baseline ? (cpu / baseline.cpu).toFixed(2) : '',
    baseline ? (trial.baseline ?? '') : '',
  ]
}
