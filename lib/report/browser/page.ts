// Entry point of the page's script, which draws the page from the embedded overview.
import { byId, element } from '../../browser/dom.ts'
import { nightCounts } from '../counts.ts'
import type { Overview } from '../overview.ts'
import { Calendar } from './calendar.ts'
import { drawCharts } from './charts.ts'
import { datesOf, isoOf, showTimestamp } from './dates.ts'
import { Legend } from './legend.ts'
import { Table } from './table.ts'
import { drawTotals } from './totals.ts'

const overview: Overview = JSON.parse(byId('overview').textContent ?? '')
const dates = datesOf(overview)
const [first, last] = [dates[0], dates.at(-1)]
const span = first && last ? `${isoOf(first.date)} to ${isoOf(last.date)}. ${nightCounts(overview.nights)}. ` : ''
byId('about').textContent = `${span}As of ${showTimestamp(overview.made)} UTC.`
if (!first)
  byId('calendar').append(element('p', { class: 'placeholder' }, 'No nights yet: run make uris to list the archive.'))

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

/** Minimum width of the drawings in pixels. In a narrower window, CSS scales them down. */
const MIN_WIDTH = 240
let width = 0
new ResizeObserver(() => {
  const newWidth = Math.max(MIN_WIDTH, byId('calendar').clientWidth)
  if (newWidth === width) return
  width = newWidth
  if (first) calendar.draw(width)
  calendar.show(legend.states)
  drawCharts(overview, width)
}).observe(byId('calendar'))
