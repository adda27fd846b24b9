import { cell, dot, plot, text } from '@observablehq/plot'
import { DAY } from '../../core/units.ts'
import { dayOf, type NightDate, startOf } from './dates.ts'
import { summary } from './details.ts'
import { type DateState, STATE_STYLES, STATES, symbolStyle } from './states.ts'

/** A date at its position: a column per week, a line per weekday. */
interface Cell extends NightDate {
  readonly week: number
  readonly weekday: number
}

/** A year, or half a year on a narrow page. */
interface CalendarRow {
  readonly label: string
  /** Its first day, in days since 1970. */
  readonly first: number
  readonly cells: Cell[]
}

interface Grid {
  /** Months per row. */
  readonly months: number
  /** Columns per row. */
  readonly weeks: number
  /** Pixels of a cell. */
  readonly width: number
  readonly height: number
}

/** Pixels of the year's label, left of the cells. */
const YEAR_WIDTH = 38
/** Pixels of the months' labels, above the cells. */
const MONTHS_HEIGHT = 15
const POSITION = { x: 'week', y: 'weekday' } as const
/** Page width in pixels below which a row is half a year. */
const NARROW = 640
/** Flat cells, so that all years fit on the screen. */
const MAX_CELL = { width: 21, height: 12 }

/** Draws the dates as one SVG per row, `width` pixels wide. Each cell has a `data-date` and a label. */
export function drawYears(dates: readonly NightDate[], width: number): Element[] {
  const [months, weeks] = width < NARROW ? [6, 28] : [12, 54]
  // Whole pixels make all cells the same size.
  const cell = Math.min(MAX_CELL.width, Math.floor((width - YEAR_WIDTH) / weeks))
  const grid = { months, weeks, width: cell, height: Math.min(MAX_CELL.height, cell) }
  return rowsOf(dates, months).map((row, i) => drawRow(row, grid, months === 6 || i === 0))
}

function rowsOf(dates: readonly NightDate[], months: number): CalendarRow[] {
  const rows = new Map<string, CalendarRow>()
  for (const night of dates) {
    const year = night.date.slice(0, 4)
    const start = months === 6 && night.date.slice(4, 6) > '06' ? '07' : '01'
    const row = rows.get(year + start) ?? { label: year, first: dayOf(`${year}${start}01`), cells: [] }
    row.cells.push({ ...night, ...gridPosition(night.day, row.first) })
    rows.set(year + start, row)
  }
  return [...rows.values()]
}

function drawRow({ label, first, cells }: CalendarRow, grid: Grid, withMonths: boolean): Element {
  const top = withMonths ? MONTHS_HEIGHT : 0
  const drawn = plot({
    width: YEAR_WIDTH + grid.weeks * grid.width,
    height: top + 7 * grid.height,
    margin: 0,
    marginLeft: YEAR_WIDTH,
    marginTop: top,
    x: { type: 'band', domain: [...Array(grid.weeks).keys()], axis: null, padding: 0 },
    y: { type: 'band', domain: [...Array(7).keys()], axis: null, padding: 0 },
    marks: [
      cell(cells, {
        ...POSITION,
        inset: grid.height > 10 ? 1 : 0.75,
        rx: 1.5,
        fill: ({ state }: Cell) => STATE_STYLES[state].fill,
        stroke: ({ state }: Cell) => STATE_STYLES[state].stroke,
        ariaLabel: summary,
      }),
      ...STATES.map(state => symbolsOf(state, cells, grid)),
      text([label], { frameAnchor: 'top-left', dx: -YEAR_WIDTH, fontSize: 12, fontWeight: 600, textAnchor: 'start' }),
      withMonths ? monthLabels(first, grid) : null,
    ],
  })
  for (const [i, rect] of drawn.querySelectorAll('rect').entries()) {
    rect.setAttribute('data-date', cells[i]?.date ?? '')
    rect.setAttribute('role', 'button')
  }
  return drawn
}

function symbolsOf(state: DateState, cells: readonly Cell[], { height }: Grid) {
  const { symbol } = STATE_STYLES[state]
  const inState = cells.filter(cell => cell.state === state)
  return symbol ? dot(inState, { ...POSITION, pointerEvents: 'none', ...symbolStyle(symbol, height) }) : null
}

/** Names of a row's months, each above the first week that begins in the month. */
function monthLabels(first: number, { months, width }: Grid) {
  const start = startOf(first)
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()]
  const dates = Array.from({ length: months }, (_, i) => new Date(Date.UTC(year, month + i)))
  return text(dates, {
    x: date => gridPosition(date.getTime() / DAY + 6, first).week,
    text: date => date.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' }),
    frameAnchor: 'top',
    dy: -MONTHS_HEIGHT,
    dx: 1 - width / 2,
    textAnchor: 'start',
    fill: 'var(--quiet)',
    fontSize: 11,
  })
}

/** Week and weekday of a day (since 1970) in a row that begins on day `first`. */
function gridPosition(day: number, first: number): { week: number; weekday: number } {
  return { week: Math.floor((day - first + weekdayOf(first)) / 7), weekday: weekdayOf(day) }
}

/** 0 is Monday; day 0, 1 January 1970, was a Thursday. */
function weekdayOf(day: number): number {
  return (day + 3) % 7
}
