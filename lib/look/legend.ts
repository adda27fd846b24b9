import { BANDS, type Band } from '../curve/bands.ts'
import { panelsOf, placedIn } from './panels.ts'
import type { Point } from './points.ts'
import { SERIES, type Series } from './series.ts'

/** An entry of the legend, with the position of its symbol in px. */
export interface LegendEntry {
  readonly label: string
  readonly x: number
  readonly y: number
  readonly band?: Band | undefined
  readonly series?: Series | undefined
  /** True for a dashed line instead of a symbol. */
  readonly isLine?: boolean
}

/** Space for a character, and around an entry's text, in px. */
const [CHARACTER, AROUND] = [6.8, 32]
const LINE_HEIGHT = 22

/** Entries for the bands and symbols in use, in lines that fit the width. */
export function legendEntries(points: readonly Point[], width: number): { entries: LegendEntry[]; height: number } {
  let [x, y] = [12, LINE_HEIGHT / 2]
  const entries = labels(points).map(entry => {
    const space = entry.label.length * CHARACTER + AROUND
    if (x > 12 && x + space > width) [x, y] = [12, y + LINE_HEIGHT]
    const placed = { ...entry, x, y }
    x += space
    return placed
  })
  return { entries, height: y + LINE_HEIGHT / 2 + 4 }
}

function labels(points: readonly Point[]): Omit<LegendEntry, 'x' | 'y'>[] {
  const bands = BANDS.filter(band => points.some(point => point.band === band))
  const panels = panelsOf(points).map(measure => ({ measure, placed: placedIn(measure, points) }))
  const used = SERIES.filter(({ label, includes }) =>
    panels.some(({ measure, placed }) => label && placed.some(item => includes(item, measure))),
  )
  const hasReference = panels[0]?.measure === 'apparent'
  return [
    ...bands.map(band => ({ label: band, band, series: SERIES.at(-1) })),
    ...used.map(series => ({ label: series.label ?? '', series })),
    ...(hasReference ? [{ label: 'in the reference image', isLine: true }] : []),
  ]
}
