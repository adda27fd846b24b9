import { plural, showCount } from '../core/units.ts'
import type { OverviewNight } from './overview.ts'

/**
 * Counts of nights. A night is a tarball: one per date and program, so a date may have two, and those without alerts are
 * nights too.
 */
export function nightCounts(nights: readonly OverviewNight[]): string {
  const full = nights.filter(({ state }) => state !== 'empty')
  const programid3 = full.filter(({ stem }) => stem.endsWith('_programid3')).length
  const kinds = programid3 > 0 ? ` (${showCount(programid3)} of them programid3)` : ''
  const parts = `${showCount(full.length)} with alerts${kinds}, ${showCount(nights.length - full.length)} empty`
  return `${plural(nights.length, 'night')}: ${parts}`
}
