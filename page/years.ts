import { cell, dot, plot, text } from '@observablehq/plot'
import { dayOf, type NightDate, startOf } from './dates.ts'
import { summary } from './details.ts'
import { LOOKS, SHOWN, symbolStyle } from './states.ts'

/** A date in its column of a week and its row of a weekday. */
interface Cell extends NightDate {
  readonly week: number
  readonly weekday: number
}

/** A row of the calendar: a year, or half of one where there is little room. */
interface Row {
  readonly label: string
  readonly first: number
  readonly months: number
  readonly cells: Cell[]
}

/** Pixels that the year takes beside its cells, and the months above them. */
const YEAR = 38
const MONTHS = 15
const NARROW = 640
const LARGEST = 20
const MONTH = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' })

/** Draws the dates, a year a row, to a width in pixels. Each cell carries its date, and says what it shows. */
export function drawYears(dates: readonly NightDate[], width: number): Element[] {
  const months = width < NARROW ? 6 : 12
  const weeks = months === 6 ? 28 : 54
  const size = Math.min(LARGEST, (width - YEAR) / weeks)
  return rowsOf(dates, months).map((row, i) => drawRow(row, weeks, size, months === 6 || i === 0))
}

function rowsOf(dates: readonly NightDate[], months: number): Row[] {
  const rows = new Map<string, Row>()
  for (const shown of dates) {
    const year = shown.date.slice(0, 4)
    const start = months === 6 && shown.date.slice(4, 6) > '06' ? '07' : '01'
    const row = rows.get(year + start) ?? { label: year, first: dayOf(`${year}${start}01`), months, cells: [] }
    row.cells.push({ ...shown, ...placeOf(shown.day, row.first) })
    rows.set(year + start, row)
  }
  return [...rows.values()]
}

function drawRow({ label, first, months, cells }: Row, weeks: number, size: number, withMonths: boolean): Element {
  const height = 7 * size + (withMonths ? MONTHS : 0)
  const position = { x: 'week', y: 'weekday' }
  const drawn = plot({
    ...{ width: YEAR + weeks * size, height, margin: 0, marginLeft: YEAR, marginTop: withMonths ? MONTHS : 0 },
    x: { type: 'band', domain: [...Array(weeks).keys()], axis: null, padding: 0 },
    y: { type: 'band', domain: [...Array(7).keys()], axis: null, padding: 0 },
    marks: [
      cell(cells, {
        ...{ ...position, inset: size > 10 ? 1 : 0.5, rx: 1.5, ariaLabel: summary },
        ...{ fill: ({ state }: Cell) => LOOKS[state].fill, stroke: ({ state }: Cell) => LOOKS[state].stroke },
      }),
      ...SHOWN.map(state => symbolsOf(state, cells, size)),
      text([label], { frameAnchor: 'top-left', dx: -YEAR, fontSize: 12, fontWeight: 600, textAnchor: 'start' }),
      withMonths ? text(monthsOf(first, months), monthStyle(first)) : null,
    ],
  })
  drawn.classList.add('year')
  for (const [i, rect] of drawn.querySelectorAll('rect').entries()) mark(rect, cells[i] as Cell)
  return drawn
}

function symbolsOf(state: (typeof SHOWN)[number], cells: readonly Cell[], size: number) {
  const { symbol } = LOOKS[state]
  const of = cells.filter(shown => shown.state === state)
  return symbol ? dot(of, { x: 'week', y: 'weekday', pointerEvents: 'none', ...symbolStyle(symbol, size) }) : null
}

function mark(rect: Element, { date }: Cell): void {
  rect.setAttribute('data-date', date)
  rect.setAttribute('role', 'button')
}

/** The first days of a row's months. */
function monthsOf(first: number, months: number): number[] {
  const start = startOf(first)
  return Array.from(
    { length: months },
    (_, i) => Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + i) / 86_400_000,
  )
}

function monthStyle(first: number) {
  return {
    x: (day: number) => Math.ceil(placeOf(day, first).week + (placeOf(day, first).weekday > 0 ? 0.5 : 0)),
    text: (day: number) => MONTH.format(startOf(day)),
    ...({ frameAnchor: 'top', dy: -MONTHS, textAnchor: 'middle', fill: 'var(--quiet)', fontSize: 11 } as const),
  }
}

/** Week and weekday, Monday first, of a day in a row. */
function placeOf(day: number, first: number): { week: number; weekday: number } {
  return { week: Math.floor((day - first + weekdayOf(first)) / 7), weekday: weekdayOf(day) }
}

/** 0 on Mondays; 1970 began on a Thursday. */
function weekdayOf(day: number): number {
  return (day + 3) % 7
}
