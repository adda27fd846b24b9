import { cell, dot, plot, text } from '@observablehq/plot'
import { DAY } from '../../core/units.ts'
import { dayOf, type NightDate, startOf } from './dates.ts'
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

/** Draws one SVG per year or half-year, at most `width` pixels wide. Each cell has a `data-date` and an ARIA label. */
export function drawYears(dates: readonly NightDate[], width: number): Element[] {
  const [months, weeks] = width < NARROW ? [6, 28] : [12, 54]
  // Round down to whole pixels, so that all cells have the same size.
  const cell = Math.min(MAX_CELL.width, Math.floor((width - YEAR_WIDTH) / weeks))
  const grid = { months, weeks, width: cell, height: Math.min(MAX_CELL.height, cell) }
  const isSecondHalf = (date: string) => months === 6 && date.slice(4, 6) > '06'
  const rows = Map.groupBy(dates, ({ date }) => date.slice(0, 4) + (isSecondHalf(date) ? '0701' : '0101'))
  return [...rows].map(([start, dates], i) => drawRow(start, dates, grid, months === 6 || i === 0))
}

/** @param start first date of the row, `YYYYMMDD` */
function drawRow(start: string, dates: readonly NightDate[], grid: Grid, withMonths: boolean): Element {
  const top = withMonths ? MONTHS_HEIGHT : 0
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
  const symbols = STATES.map(state => {
    const { symbol } = STATE_STYLES[state]
    const inState = dates.filter(date => date.state === state)
    return symbol ? dot(inState, { ...position, pointerEvents: 'none', ...symbolStyle(symbol, grid.height) }) : null
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
    marks: [cells, ...symbols, text([start.slice(0, 4)], year), withMonths ? monthLabels(first, grid) : null],
  })
  for (const [i, rect] of drawn.querySelectorAll('rect').entries()) {
    rect.setAttribute('data-date', dates[i]?.date ?? '')
    rect.setAttribute('role', 'button')
  }
  return drawn
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
