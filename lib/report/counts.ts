import { plural, showCount } from '../core/units.ts'
import type { OverviewNight } from './overview.ts'

/** Counts of nights, e.g. `21 nights: 20 with alerts (1 of them programid3), 1 empty`. A date may have two nights. */
export function nightCounts(nights: readonly OverviewNight[]): string {
  const full = nights.filter(({ state }) => state !== 'empty')
  const programid3 = full.filter(({ stem }) => stem.endsWith('_programid3')).length
  const kinds = programid3 > 0 ? ` (${showCount(programid3)} of them programid3)` : ''
  const parts = `${showCount(full.length)} with alerts${kinds}, ${showCount(nights.length - full.length)} empty`
  return `${plural(nights.length, 'night')}: ${parts}`
}
