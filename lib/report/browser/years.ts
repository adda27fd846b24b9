import { cell, dot, plot, text } from '@observablehq/plot'
import { DAY } from '../../core/units.ts'
import { dayOf, monthOf, type NightDate, startOf } from './dates.ts'
import { summary } from './details.ts'
import { LOOKS, SHOWN, type Shown, symbolStyle } from './states.ts'

/** A date in its column of a week and its row of a weekday. */
interface Cell extends NightDate {
  readonly week: number
  readonly weekday: number
}

/** A row of the calendar: a year, or half of one where there is little room. */
interface Row {
  readonly label: string
  readonly first: number
  readonly cells: Cell[]
}

/** How many months and weeks a row has, and how many pixels a cell. */
interface Grid {
  readonly months: number
  readonly weeks: number
  readonly width: number
  readonly height: number
}

/** Pixels that the year takes beside its cells, and the months above them. */
const YEAR = 38
const MONTHS = 15
const PLACE = { x: 'week', y: 'weekday' } as const
const NARROW = 640
/** The largest cell: wider than high, so that all years are seen at once. */
const LARGEST = { width: 21, height: 12 }

/** Draws the dates, a year a row, to a width in pixels. Each cell carries its date, and says what it shows. */
export function drawYears(dates: readonly NightDate[], width: number): Element[] {
  const [months, weeks] = width < NARROW ? [6, 28] : [12, 54]
  // In whole pixels the cells are all alike.
  const cell = Math.min(LARGEST.width, Math.floor((width - YEAR) / weeks))
  const grid = { months, weeks, width: cell, height: Math.min(LARGEST.height, cell) }
  return rowsOf(dates, months).map((row, i) => drawRow(row, grid, months === 6 || i === 0))
}

function rowsOf(dates: readonly NightDate[], months: number): Row[] {
  const rows = new Map<string, Row>()
  for (const shown of dates) {
    const year = shown.date.slice(0, 4)
    const start = months === 6 && shown.date.slice(4, 6) > '06' ? '07' : '01'
    const row = rows.get(year + start) ?? { label: year, first: dayOf(`${year}${start}01`), cells: [] }
    row.cells.push({ ...shown, ...placeOf(shown.day, row.first) })
    rows.set(year + start, row)
  }
  return [...rows.values()]
}

function drawRow({ label, first, cells }: Row, grid: Grid, withMonths: boolean): Element {
  const top = withMonths ? MONTHS : 0
  const drawn = plot({
    ...{ width: YEAR + grid.weeks * grid.width, height: top + 7 * grid.height },
    ...{ margin: 0, marginLeft: YEAR, marginTop: top },
    x: { type: 'band', domain: [...Array(grid.weeks).keys()], axis: null, padding: 0 },
    y: { type: 'band', domain: [...Array(7).keys()], axis: null, padding: 0 },
    marks: [
      cell(cells, {
        ...{ ...PLACE, inset: grid.height > 10 ? 1 : 0.75, rx: 1.5, ariaLabel: summary },
        ...{ fill: ({ state }: Cell) => LOOKS[state].fill, stroke: ({ state }: Cell) => LOOKS[state].stroke },
      }),
      ...SHOWN.map(state => symbolsOf(state, cells, grid)),
      text([label], { frameAnchor: 'top-left', dx: -YEAR, fontSize: 12, fontWeight: 600, textAnchor: 'start' }),
      withMonths ? monthsOf(first, grid) : null,
    ],
  })
  drawn.classList.add('year')
  for (const [i, rect] of drawn.querySelectorAll('rect').entries()) mark(rect, cells[i] as Cell)
  return drawn
}

function symbolsOf(state: Shown, cells: readonly Cell[], { height }: Grid) {
  const { symbol } = LOOKS[state]
  const of = cells.filter(shown => shown.state === state)
  return symbol ? dot(of, { ...PLACE, pointerEvents: 'none', ...symbolStyle(symbol, height) }) : null
}

function mark(rect: Element, { date }: Cell): void {
  rect.setAttribute('data-date', date)
  rect.setAttribute('role', 'button')
}

/** The names of a row's months, each above the first week that begins in it. */
function monthsOf(first: number, { months, width }: Grid) {
  const start = startOf(first)
  const names = Array.from(
    { length: months },
    (_, i) => new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + i)),
  )
  return text(names, {
    x: date => placeOf(date.getTime() / DAY + 6, first).week,
    text: date => monthOf(date),
    ...{ frameAnchor: 'top', dy: -MONTHS, dx: 1 - width / 2, textAnchor: 'start', fill: 'var(--quiet)', fontSize: 11 },
  })
}

/** Week and weekday, Monday first, of a day in a row. */
function placeOf(day: number, first: number): { week: number; weekday: number } {
  return { week: Math.floor((day - first + weekdayOf(first)) / 7), weekday: weekdayOf(day) }
}

/** 0 on Mondays; 1970 began on a Thursday. */
function weekdayOf(day: number): number {
  return (day + 3) % 7
}
