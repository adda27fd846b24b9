import { plot } from '@observablehq/plot'
import type { Overview } from '../overview.ts'
import { alertsByNight, type Chart, compression, convertedOf, cumulated } from './charts-nights.ts'
import { throughput, versions, volume } from './charts-sums.ts'
import { byId, element } from './dom.ts'

const COLUMNS_FROM = 920
const BETWEEN = 36
const COMMON = { height: 180, marginLeft: 40, marginRight: 12, marginTop: 12, style: { fontSize: '11px' } }
const NOTHING = 'No night is in the lake yet: make lake converts those that are on disk.'

/** Draws all charts, in two columns where there is room. */
export function drawCharts(overview: Overview, width: number): void {
  const nights = convertedOf(overview)
  const each = width < COLUMNS_FROM ? width : (width - BETWEEN) / 2
  const charts = [
    ...[alertsByNight(nights, each), cumulated(nights), volume(overview), versions(nights, each)],
    ...[compression(nights), throughput(overview, each)],
  ]
  const drawn = charts.map(chart => draw(chart, each))
  byId('charts').replaceChildren(...(nights.length > 0 ? drawn : [element('p', { class: 'nothing' }, NOTHING)]))
}

function draw({ title, about, options }: Chart, width: number): HTMLElement {
  const caption = element('figcaption', {}, element('h3', {}, title), element('p', {}, about))
  const drawing = plot({ ...COMMON, ...options, width, ariaLabel: title })
  return element('figure', {}, caption, drawing)
}
