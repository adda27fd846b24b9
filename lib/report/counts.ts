import { plural, showCount } from '../core/units.ts'
import type { OverviewNight } from './overview.ts'

/**
 * Counts of nights. A night is a tarball: one per date and program, so a date may have two, and those without alerts are
 * nights too.
 */
export function nightCounts(nights: readonly OverviewNight[]): string {
  const empty = nights.filter(({ state }) => state === 'empty').length
  const programid3 = nights.filter(({ stem }) => stem.endsWith('_programid3')).length
  const parts = [
    ...(empty > 0 ? [`${showCount(empty)} empty`] : []),
    ...(programid3 > 0 ? [`${showCount(programid3)} of programid3`] : []),
  ]
  return plural(nights.length, 'night') + (parts.length > 0 ? ` (${parts.join(', ')})` : '')
}
