// Times make targets on synthetic nights, and compares the conversion with inflating the same tarballs. On request, times
// questions to a simulated full-size lake.
import { join } from 'node:path'
import { parseBench } from '../lib/bench/options.ts'
import { parsePeer } from '../lib/bench/peer.ts'
import { prepareTrials } from '../lib/bench/rows.ts'
import { timingTable } from '../lib/bench/table.ts'
import { timeInTurn } from '../lib/bench/timing.ts'
import { printLines, table } from '../lib/core/console.ts'
import { showCount } from '../lib/core/units.ts'
import { startCommand } from './command.ts'

const ROUNDS = 3

const { settings } = startCommand()
const { alerts, rows } = parseBench(process.env.BENCH)
const peer = await parsePeer(process.env.PEER)
const trials = await prepareTrials(join(settings.DATA, 'bench'), rows, alerts, peer)
const timings = await timeInTurn(trials, ROUNDS)

printLines(
  `\n${showCount(alerts)} alerts per synthetic night, medians of at most ${ROUNDS} rounds; plan: forecast of make plan; ` +
    'peak MB: of the largest process; smaller: tar / lake; last columns: wall and CPU time relative to another row\n',
)
printLines(table(timingTable(trials, timings)))
// Exit explicitly, because a benchmark's archive server may still be listening.
process.exit()
