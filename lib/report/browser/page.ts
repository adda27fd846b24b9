// The page's own script: draws all that the page shows from the overview that lies in it as JSON.
import type { Overview } from '../overview.ts'
import { Calendar } from './calendar.ts'
import { drawCharts } from './charts.ts'
import { datesOf, isoOf, showTime } from './dates.ts'
import { byId, element } from './dom.ts'
import { Legend } from './legend.ts'
import { Table } from './table.ts'
import { drawTotals } from './totals.ts'

const overview: Overview = JSON.parse(byId('overview').textContent ?? '')
const dates = datesOf(overview)
const [first, last] = [dates[0], dates.at(-1)]
const span = first && last ? `${isoOf(first.date)} to ${isoOf(last.date)}, ` : ''
byId('about').textContent = `${span}as of ${showTime(overview.made)} UTC`
if (!first)
  byId('calendar').append(element('p', { class: 'nothing' }, 'No nights yet: make uris lists those of the archive.'))

drawTotals(overview)
const table = new Table(overview)
const calendar = new Calendar(dates, date => {
  legend.choose(new Set())
  table.find(date)
})
const legend = new Legend(overview, states => {
  calendar.show(states)
  table.show(states)
})

/** Pixels below which nothing could be read. */
const LEAST = 240
let width = 0
new ResizeObserver(() => {
  const now = Math.max(LEAST, byId('calendar').clientWidth)
  if (now === width) return
  width = now
  if (first) calendar.draw(width)
  calendar.show(legend.states)
  drawCharts(overview, width)
}).observe(byId('calendar'))
