// Times the conversion beside inflating alone by node:zlib, on nights as large as real ones.

import { makeBench, ROWS } from '../lib/bench/rows.ts'
import { type Timing, type Trial, timeInTurn } from '../lib/bench/timing.ts'
import { print, table } from '../lib/core/console.ts'
import { showCount } from '../lib/core/units.ts'
import { readSettings } from '../lib/settings.ts'

const ROUNDS = 3
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

const { DATA, BENCH } = readSettings()
const bench = await makeBench(`${DATA}/bench`, BENCH.alerts)
const trials: Trial[] = []
for (const row of BENCH.rows) trials.push(...(await ROWS[row](bench)))
const timings = await timeInTurn(trials, ROUNDS)

print(
  `\n${showCount(BENCH.alerts)} alerts a night, medians of ${ROUNDS} runs in turn; ` +
    'plan: what make plan foretells; smaller: lake against tar; last, wall and CPU against another row\n',
)
print(table([HEADING, ...trials.map((trial, i) => cells(trial, timings[i] as Timing))]))
// A row may serve nights until here.
process.exit()

function cells(trial: Trial, { wall, cpu, lake }: Timing): string[] {
  const { name, alerts, nights, bytes, foretold, against } = trial
  const base = timings[trials.findIndex(other => other.name === against)]
  const rate = (amount: number | undefined, digits = 0) => (amount ? (amount / wall).toFixed(digits) : '')
  return [
    name,
    wall.toFixed(2),
    foretold?.toFixed(2) ?? '',
    cpu.toFixed(2),
    rate(alerts),
    rate(nights, 1),
    rate(bytes && bytes / 1e6),
    lake ? (lake.memory / 1e6).toFixed(0) : '',
    lake ? lake.ratio.toFixed(2) : '',
    base ? (wall / base.wall).toFixed(2) : '',
    base ? (cpu / base.cpu).toFixed(2) : '',
    base ? (against ?? '') : '',
  ]
}
