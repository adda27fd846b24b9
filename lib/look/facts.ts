import { showCount } from '../core/units.ts'
import { BANDS } from '../curve/bands.ts'
import type { Kind } from '../curve/columns.ts'
import { galactic } from '../sky/galactic.ts'
import { formatUtc, jdToMjd } from './astro.ts'
import { isNumber, type ShownField } from './fields.ts'
import type { ObjectData } from './find.ts'
import { panelsOf, placedIn } from './panels.ts'
import type { Point } from './points.ts'

/** Facts about the light curve and the position. Those that do not apply are left out. */
export function facts({ points, rows, candidate: { ra, dec } }: ObjectData): ShownField[] {
  const detections = points.filter(({ kind }) => kind === 'detection')
  const [first, last] = [detections[0], detections.at(-1)]
  const counts = BANDS.flatMap(band => {
    const count = rows.filter(row => row.kind === 'detection' && row.band === band).length
    return count > 0 ? [`${showCount(count)} in ${band}`] : []
  })
  const count = (kind: Kind) => {
    const all = rows.filter(row => row.kind === kind).length
    return all > 0 ? showCount(all) : undefined
  }
  const drawn = (kind: Kind) => {
    const shown = points.filter(point => point.kind.startsWith(kind)).length
    const isComplete = shown === rows.filter(row => row.kind === kind).length
    return isComplete ? '' : `; ${showCount(shown)} drawn, the rest has no valid value`
  }
  const { l, b } = isNumber(ra) && isNumber(dec) ? galactic(ra, dec) : { l: Number.NaN, b: Number.NaN }
  const lines: [string, string | undefined, string][] = [
    ['galactic l, b', Number.isNaN(l) ? undefined : `${l.toFixed(4)}, ${b.toFixed(4)}`, 'deg'],
    ['first detection', first && dateAndMjd(first.jd), ''],
    ['last detection', last && dateAndMjd(last.jd), ''],
    ...peaks(points),
    ['detections', counts.join(', ') || 'none', `including earlier ones that the alerts list${drawn('detection')}`],
    ['limits', count('limit'), `exposures without a detection in the alerts${drawn('limit')}`],
    ['forced photometry', count('forced'), `measurements${drawn('forced')}`],
  ]
  return lines.flatMap(([name, value, description]) => (value === undefined ? [] : { name, value, description }))
}

/** The brightest detection in each band. */
function peaks(points: readonly Point[]): [string, string, string][] {
  const [measure] = panelsOf(points)
  if (!measure || measure === 'flux') return []
  const measured = placedIn(measure, points).filter(({ point, isFaint }) => point.kind === 'detection' && !isFaint)
  return BANDS.flatMap(band => {
    const inBand = measured.filter(({ point }) => point.band === band)
    const [peak] = inBand.toSorted((a, b) => Number(a.y) - Number(b.y))
    if (!peak) return []
    const mag = `${peak.y?.toFixed(2)} ± ${peak.error.toFixed(2)}`
    return [
      [`brightest in ${band}`, mag, `mag${measure === 'apparent' ? ', apparent' : ''}, ${dateAndMjd(peak.point.jd)}`],
    ]
  })
}

function dateAndMjd(jd: number): string {
  return `${formatUtc(jd).slice(0, 10)}, MJD ${jdToMjd(jd).toFixed(3)}`
}
