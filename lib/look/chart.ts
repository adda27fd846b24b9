import * as Plot from '@observablehq/plot'
import { plural } from '../core/units.ts'
import { MAG_PER_E } from '../curve/apparent.ts'
import { BANDS } from '../curve/bands.ts'
import { jdToDate } from './astro.ts'
import { BAND_COLORS, FONT } from './colors.ts'
import { type LegendEntry, legendEntries } from './legend.ts'
import { type Measure, type Placed, panelsOf, placedIn } from './panels.ts'
import type { Point } from './points.ts'
import { referencesOf } from './references.ts'
import { edgeOrValue, inUnit, LABELS, yDomain } from './scale.ts'
import { BAND_SYMBOLS, SERIES, type Series } from './series.ts'
import { jdRange, mjdTicks, pointsIn, type Range, utcTicks, yearLabel } from './time-axis.ts'

type Document = NonNullable<Plot.PlotOptions['document']>
type Svg = ReturnType<typeof Plot.plot>

/** How to draw a light curve. */
interface ChartOptions {
  readonly document: Document
  /** In px. */
  readonly width: number
  /** Time axis; that of all points if undefined. */
  readonly range?: Range
  /** Panels, if they are not those of the points. */
  readonly measures?: readonly Measure[]
}

/** A drawn panel, with the pixel position of each of its points. */
export interface Panel {
  readonly svg: Svg
  readonly height: number
  readonly positions: readonly { readonly point: Point; readonly x: number; readonly y: number }[]
}

export const MARGIN = { left: 58, right: 20, top: 52, bottom: 40 }
/** Width below which panels are lower, in px. */
const NARROW = 600

const PLAIN = { labelArrow: 'none', labelAnchor: 'center' } as const

/** Draws the panels of a light curve, which share their time axis: UTC above the first, MJD below the last. */
export function drawPanels(points: readonly Point[], options: ChartOptions): Panel[] {
  const measures = options.measures ?? panelsOf(points)
  const range = options.range ?? jdRange(points)
  const shown = pointsIn(range, points)
  return measures.map((measure, i) =>
    drawPanel(measure, shown, { ...options, range, isFirst: i === 0, isLast: i === measures.length - 1 }),
  )
}

interface PanelOptions extends ChartOptions {
  readonly range: Range
  readonly isFirst: boolean
  readonly isLast: boolean
}

function drawPanel(measure: Measure, points: readonly Point[], options: PanelOptions): Panel {
  const { document, width, range, isFirst, isLast } = options
  const { placed, label } = inUnit(measure, placedIn(measure, points))
  const references = measure === 'apparent' ? referencesOf(points) : []
  const domain = yDomain(measure, placed, references)
  const inner = (measure === 'flux' ? 130 : 330) * (width < NARROW ? 0.75 : 1)
  const [top, bottom] = [isFirst ? MARGIN.top : 12, isLast ? MARGIN.bottom : 8]
  const height = inner + top + bottom
  const svg = Plot.plot({
    ...{ document, width, height, ariaLabel: describePanel(measure, placed) },
    ...{ marginLeft: MARGIN.left, marginRight: MARGIN.right, marginTop: top, marginBottom: bottom },
    style: { fontFamily: FONT, fontSize: '12px' },
    x: { type: 'utc', domain: range.map(jdToDate) },
    y: { ...PLAIN, domain, label, grid: true, ...yTicks(measure) },
    marks: [
      Plot.frame({ strokeOpacity: 0.4 }),
      ...(isFirst ? [dateAxis(range, width)] : []),
      Plot.axisX({
        ...{ ...PLAIN, anchor: 'bottom', ...mjdTicks(range, width < NARROW ? 4 : 8) },
        ...(isLast ? { label: 'MJD' } : { label: null, tickFormat: () => '' }),
      }),
      ...(measure === 'flux' ? [Plot.ruleY([0], { strokeOpacity: 0.5 })] : []),
      ...references.map(({ band, mag }) => Plot.ruleY([mag], { ...DASHED, stroke: BAND_COLORS[band].light })),
      ...marks(measure, placed, domain),
    ],
  })
  makeImage(svg)
  return { svg, height, positions: positionsOf(svg, placed, domain) }
}

const DASHED = { strokeDasharray: '5 4', strokeOpacity: 0.7 }

/** Draws the legend of the bands and symbols in use. */
export function drawLegend(points: readonly Point[], { document, width }: ChartOptions): { svg: Svg; height: number } {
  const { entries, height } = legendEntries(points, width)
  const lines = entries.filter(({ isLine }) => isLine)
  const svg = Plot.plot({
    ...{ document, width, height, margin: 0, axis: null, ariaLabel: 'Legend' },
    style: { fontFamily: FONT, fontSize: '12px' },
    x: { type: 'linear', domain: [0, width], range: [0, width] },
    y: { type: 'linear', domain: [0, height], range: [0, height] },
    marks: [
      ...entries.flatMap(entry => (entry.series ? symbol(entry, entry.series) : [])),
      Plot.ruleY(lines, { ...DASHED, x1: ({ x }) => x - 7, x2: ({ x }) => x + 7, y: 'y', stroke: 'currentColor' }),
      Plot.text(entries, { x: 'x', y: 'y', text: 'label', textAnchor: 'start', dx: 12 }),
    ],
  })
  makeImage(svg)
  return { svg, height }
}

/** Removes Plot's style sheet, because its `height: auto` would stretch the chart inside an outer SVG. */
function makeImage(svg: Svg): void {
  svg.setAttribute('role', 'img')
  svg.querySelector('style')?.remove()
}

function symbol({ x, y, band }: LegendEntry, { dot, isFilled }: Series): Plot.Markish {
  const stroke = band ? BAND_COLORS[band].light : 'currentColor'
  return Plot.dot([{ x, y }], {
    ...{ x: 'x', y: 'y', stroke, symbol: BAND_SYMBOLS[band ?? 'g'], ...(isFilled && { fill: stroke }) },
    ...{ ...dot, dy: 0 },
  })
}

function marks(measure: Measure, placed: readonly Placed[], domain: readonly [number, number]): Plot.Markish[] {
  return BANDS.flatMap(band => {
    const inBand = placed.filter(({ point }) => point.band === band)
    const stroke = BAND_COLORS[band].light
    const dots = SERIES.map(series => {
      const points = inBand.filter(item => series.includes(item, measure))
      const style = { stroke, symbol: BAND_SYMBOLS[band], ...(series.isFilled && { fill: stroke }), ...series.dot }
      return Plot.dot(points, { x: dateOf, y: item => edgeOrValue(item, domain), clip: true, ...style })
    })
    return [errorBars(measure, inBand, domain, stroke), ...dots]
  })
}

/**
 * Error bars. Those of apparent magnitudes are symmetric in flux, and end at the lower edge if the flux minus its error is
 * negative.
 */
function errorBars(
  measure: Measure,
  placed: readonly Placed[],
  domain: readonly [number, number],
  stroke: string,
): Plot.Markish {
  const bars = placed.flatMap(({ point, y, error, isFaint }) =>
    y === undefined || error === 0
      ? []
      : [{ date: dateOf({ point }), ...barOf(measure, y, error, domain[0]), isFaint }],
  )
  const opacity = ({ isFaint }: { isFaint: boolean }) => (isFaint ? 0.35 : 0.7)
  return Plot.ruleX(bars, { x: 'date', y1: 'y1', y2: 'y2', stroke, strokeOpacity: opacity, clip: true })
}

function barOf(measure: Measure, y: number, error: number, lowest: number): { y1: number; y2: number } {
  if (measure !== 'apparent') return { y1: y - error, y2: y + error }
  const fraction = error / MAG_PER_E
  return { y1: y - 2.5 * Math.log10(1 + fraction), y2: fraction < 1 ? y - 2.5 * Math.log10(1 - fraction) : lowest }
}

function yTicks(measure: Measure): Plot.ScaleOptions {
  return measure === 'flux' ? { ticks: 4, tickFormat: (flux: number) => String(flux).replace('-', '−') } : { ticks: 8 }
}

function positionsOf(svg: Svg, placed: readonly Placed[], domain: readonly [number, number]): Panel['positions'] {
  const [x, y] = [svg.scale('x'), svg.scale('y')]
  return placed.map(item => ({ point: item.point, x: x?.apply(dateOf(item)), y: y?.apply(edgeOrValue(item, domain)) }))
}

function dateOf({ point }: Pick<Placed, 'point'>): Date {
  return jdToDate(point.jd)
}

function describePanel(measure: Measure, placed: readonly Placed[]): string {
  return `Light curve: ${LABELS[measure]} against time, ${plural(placed.length, 'point')}. The table below has their values.`
}

function dateAxis(range: Range, width: number): Plot.Markish {
  const label = yearLabel(range)
  const count = (width - MARGIN.left - MARGIN.right) / (width < NARROW ? 75 : 110)
  return Plot.axisX({ ...PLAIN, anchor: 'top', ...utcTicks(range, count), label, labelAnchor: 'left' })
}
