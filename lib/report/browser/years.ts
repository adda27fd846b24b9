import { cell, dot, plot, text } from '@observablehq/plot'
import { DAY } from '../../core/units.ts'
import { dayOf, type NightDate, startOf, yearsOf } from './dates.ts'
import { summary } from './details.ts'
import { STATE_STYLES, STATES, symbolStyle } from './states.ts'

interface Grid {
  /** Number of months per row. */
  readonly months: number
  /** Number of columns per row. Each column is a week. */
  readonly weeks: number
  /** Width and height of a cell in pixels. */
  readonly width: number
  readonly height: number
}

/** Width in pixels of the year label, to the left of the cells. */
const YEAR_WIDTH = 38
/** Height in pixels of the month labels, above the cells. */
const MONTHS_HEIGHT = 15
/** Calendar width in pixels below which a row shows half a year. */
const NARROW = 640
/** Maximum size of a cell in pixels. The height is smaller, so that all years fit on the screen. */
const MAX_CELL = { width: 21, height: 12 }

/**
 * Draws one SVG per year or half-year, at most `width` pixels wide, including years without dates. Each cell has a
 * `data-date` and an ARIA label, and each symbol in a cell a `data-symbol-of`.
 */
export function drawYears(dates: readonly NightDate[], width: number): Element[] {
  const [months, weeks] = width < NARROW ? [6, 28] : [12, 54]
  // Round down to whole pixels, so that all cells have the same size.
  const cell = Math.min(MAX_CELL.width, Math.floor((width - YEAR_WIDTH) / weeks))
  const grid = { months, weeks, width: cell, height: Math.min(MAX_CELL.height, cell) }
  const isSecondHalf = (date: string) => months === 6 && date.slice(4, 6) > '06'
  const startOfRow = (date: string) => date.slice(0, 4) + (isSecondHalf(date) ? '0701' : '0101')
  const byRow = Map.groupBy(dates, ({ date }) => startOfRow(date))
  const starts = yearsOf(dates).flatMap(year => (months === 6 ? [`${year}0101`, `${year}0701`] : [`${year}0101`]))
  const [first = '', last = ''] = [dates[0], dates.at(-1)].map(date => date && startOfRow(date.date))
  return starts
    .filter(start => start >= first && start <= last)
    .map((start, i) => {
      const labels = { year: i === 0 || start.endsWith('0101'), months: months === 6 || i === 0 }
      return drawRow(start, byRow.get(start) ?? [], grid, labels)
    })
}

/** @param start first date of the row, `YYYYMMDD` */
function drawRow(
  start: string,
  dates: readonly NightDate[],
  grid: Grid,
  labels: { readonly year: boolean; readonly months: boolean },
): Element {
  const top = labels.months ? MONTHS_HEIGHT : 0
  const first = dayOf(start)
  const position = { x: ({ day }: NightDate) => weekOf(day, first), y: ({ day }: NightDate) => weekdayOf(day) }
  const cells = cell(dates, {
    ...position,
    inset: grid.height > 10 ? 1 : 0.75,
    rx: 1.5,
    fill: ({ state }: NightDate) => STATE_STYLES[state].fill,
    stroke: ({ state }: NightDate) => STATE_STYLES[state].stroke,
    ariaLabel: summary,
  })
  const marked = STATES.map(state => dates.filter(date => date.state === state && STATE_STYLES[state].symbol))
  const symbols = marked.map(dates => {
    const symbol = dates[0] && STATE_STYLES[dates[0].state].symbol
    const style = symbol && symbolStyle(symbol, grid.height)
    return style ? dot(dates, { ...position, className: 'symbol', pointerEvents: 'none', ...style }) : null
  })
  const year = { frameAnchor: 'top-left', textAnchor: 'start', dx: -YEAR_WIDTH, fontSize: 12, fontWeight: 600 } as const
  const drawn = plot({
    width: YEAR_WIDTH + grid.weeks * grid.width,
    height: top + 7 * grid.height,
    margin: 0,
    marginLeft: YEAR_WIDTH,
    marginTop: top,
    x: { type: 'band', domain: [...Array(grid.weeks).keys()], axis: null, padding: 0 },
    y: { type: 'band', domain: [...Array(7).keys()], axis: null, padding: 0 },
    ariaLabel: rowName(start, grid),
    marks: [
      cells,
      ...symbols,
      labels.year ? text([start.slice(0, 4)], year) : null,
      labels.months ? monthLabels(first, grid) : null,
    ],
  })
  drawn.setAttribute('role', 'group')
  setDates(drawn.querySelectorAll('rect'), 'data-date', dates)
  setDates(drawn.querySelectorAll('.symbol > *'), 'data-symbol-of', marked.flat())
  for (const rect of drawn.querySelectorAll('rect')) rect.setAttribute('role', 'button')
  return drawn
}

function rowName(start: string, { months }: Grid): string {
  const year = start.slice(0, 4)
  if (months === 12) return year
  return start.endsWith('0701') ? `${year}, July to December` : `${year}, January to June`
}

function setDates(marks: Iterable<Element>, attribute: string, dates: readonly NightDate[]): void {
  for (const [i, mark] of [...marks].entries()) mark.setAttribute(attribute, dates[i]?.date ?? '')
}

/** Month names for a row, each above the first week that begins in that month. */
function monthLabels(first: number, { months, width }: Grid) {
  const start = startOf(first)
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()]
  const dates = Array.from({ length: months }, (_, i) => new Date(Date.UTC(year, month + i)))
  return text(dates, {
    x: date => weekOf(date.getTime() / DAY + 6, first),
    text: date => date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' }),
    frameAnchor: 'top',
    dy: -MONTHS_HEIGHT,
    dx: 1 - width / 2,
    textAnchor: 'start',
    fill: 'var(--quiet)',
    fontSize: 11,
  })
}

/** Column of `day` in the row that begins on `first`. Both are numbers of days since 1 January 1970. */
function weekOf(day: number, first: number): number {
  return Math.floor((day - first + weekdayOf(first)) / 7)
}

/** Weekday from 0 (Monday) to 6. Day 0, which is 1 January 1970, was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 3) % 7
}
