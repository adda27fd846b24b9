import { isoDate } from '../night.ts'
import { FULL_SIZE, type LakeShape, nightsOf, OBSERVED_DAYS, type SimulatedNight } from './lake-shape.ts'
import { makeCommand } from './nights.ts'
import { SimulatedLake } from './simulated-lake.ts'
import type { Trial } from './timing.ts'

/** Radius of the cone search, in arcseconds. */
const RADIUS = 60

/** Trials of the commands that answer questions, on a simulated lake, after making the lake if it is not complete. */
export async function readingTrials(folder: string, alerts: number, shape: LakeShape = FULL_SIZE): Promise<Trial[]> {
  const lake = await SimulatedLake.create(folder, shape, alerts)
  const { objectId, candid, ra, dec } = lake.known
  const observed = nightsOf(shape).filter(({ day }) => OBSERVED_DAYS.includes(day))
  const { date } = (observed[observed.length >> 1] as SimulatedNight).night
  const make = (target: string, settings: Record<string, string | number> = {}) => ({
    command: makeCommand(target, lake.paths.data, settings),
    measuresMemory: true,
  })
  const sql = (Q: string) => make('sql', { Q })
  const inNight = `where night = '${isoDate(date)}' group by all`
  return [
    { name: 'make sql Q="select 1"', ...sql('select 1') },
    {
      name: 'alerts by night and band, all years, from candidates',
      ...sql('select night, fid, count(*) as alerts from candidates group by all'),
      maxRounds: 1,
    },
    {
      name: 'alerts by band, one night by where, from candidates',
      ...sql(`select fid, count(*) as alerts from candidates ${inNight}`),
    },
    {
      name: 'the same from alerts',
      ...sql(`select candidate.fid, count(*) as alerts from alerts ${inNight}`),
    },
    { name: `make look OBJECT=, ${observed.length} alerts`, ...make('look', { OBJECT: objectId }) },
    { name: 'make look CANDID=', ...make('look', { CANDID: candid }) },
    { name: 'make curve OBJECT=, the same object', ...make('curve', { OBJECT: objectId }) },
    { name: `make cone, ${RADIUS} arcseconds around it`, ...make('cone', { RA: ra, DEC: dec, RADIUS }) },
    { name: 'make status', ...make('status') },
    { name: 'make report', ...make('report') },
    { name: 'make lake, nothing to do', ...make('lake') },
    { name: 'make index after one new night', prepare: () => lake.forgetLastMonth(), ...make('index'), maxRounds: 1 },
  ]
}
