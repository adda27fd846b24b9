import { plot } from '@observablehq/plot'
import { byId, element } from '../../browser/dom.ts'
import type { Overview } from '../overview.ts'
import { alertsByNight, type Chart, compression, cumulativeAlerts, nightsInLake } from './charts-nights.ts'
import { throughput, versions, volume } from './charts-sums.ts'

/** Minimum width for two columns of charts, and the gap between the columns, in pixels. */
const [TWO_COLUMNS, GAP] = [920, 36]
const COMMON = { height: 180, marginLeft: 40, marginRight: 12, marginTop: 12, style: { fontSize: '11px' } }
const NO_NIGHTS = 'No night is in the lake yet: run make lake to convert those on disk.'

export function drawCharts(overview: Overview, width: number): void {
  const nights = nightsInLake(overview)
  if (nights.length === 0) {
    byId('charts').replaceChildren(element('p', { class: 'placeholder' }, NO_NIGHTS))
    return
  }
  const chartWidth = width < TWO_COLUMNS ? width : (width - GAP) / 2
  const charts = [
    alertsByNight(nights, chartWidth),
    cumulativeAlerts(nights),
    volume(overview),
    versions(nights, chartWidth),
    compression(nights),
    ...(overview.runs.length > 0 ? [throughput(overview)] : []),
  ]
  byId('charts').replaceChildren(...charts.map(chart => draw(chart, chartWidth)))
}

function draw({ title, subtitle, options }: Chart, width: number): HTMLElement {
  const caption = element('figcaption', {}, element('h3', {}, title), element('p', {}, subtitle))
  const drawing = plot({ ...COMMON, ...options, width, ariaLabel: title, ariaDescription: subtitle })
  for (const image of drawing.matches('svg') ? [drawing] : drawing.querySelectorAll('svg'))
    if (image.hasAttribute('aria-label')) image.setAttribute('role', 'img')
    else image.setAttribute('aria-hidden', 'true')
  return element('figure', {}, caption, drawing)
}
