import { test } from 'node:test'
import { Random } from '../../lib/synthetic/random.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeEarlier } from '../support/index-lake.ts'
import { real, republish, synthetic } from '../support/kill-nights.ts'
import { type Mode, Torture } from '../support/kills.ts'

/** Number of kills; `make torture` sets more. */
const KILLS = Number(process.env.TORTURE_KILLS || 9)
const LONG = KILLS > 100
const SEED = Number(process.env.SEED || Date.now() % 1_000_000)
const FILES = 'ALERTS_PER_FILE=7'

const MODES: Record<string, Mode> = {
  'make download -j3 and make lake': { steps: [['download', '-j3'], ['lake']], settings: [FILES] },
  'make all -j3': { steps: [['all', '-j3']], settings: [FILES, 'CONNECTIONS=2'] },
  'make index of a lake of an earlier version': {
    steps: [['download', '-j3'], ['lake'], ['index']],
    beforeLast: makeEarlier,
    settings: [FILES],
  },
  'make all -j3 KEEP_TARS=no': { steps: [['all', '-j3']], settings: [FILES, 'KEEP_TARS=no', 'AHEAD=3M'] },
  'make all -j3 of republished nights': {
    steps: [
      ['all', '-j3'],
      ['all', '-j3'],
    ],
    beforeLast: republish,
    settings: [FILES],
  },
  'make all -j3 KEEP_TARS=no of republished nights': {
    steps: [
      ['all', '-j3'],
      ['all', '-j3'],
    ],
    beforeLast: republish,
    settings: [FILES, 'KEEP_TARS=no', 'AHEAD=3M'],
  },
}

console.log(`SEED=${SEED} repeats these kills`)
const nights = new Map([...(await synthetic(LONG ? 30 : 8)), ...(LONG ? await real() : [])])

for (const [i, [name, mode]] of Object.entries(MODES).entries())
  test(`${name} ends with the same files after kills at any moment and reruns`, async t => {
    const total = [...nights.values()].reduce((sum, { length }) => sum + length, 0)
    const torture = await Torture.open(await temporaryFolder(t), nights, mode, new Random(SEED + i), total / 2)
    t.after(() => torture.close())
    await torture.run(Math.ceil(KILLS / Object.keys(MODES).length))
    t.diagnostic(`${torture.total} kills in ${torture.rounds} rounds: ${JSON.stringify(torture.kills)}`)
  })
