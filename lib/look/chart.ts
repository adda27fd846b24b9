import * as Plot from '@observablehq/plot'
import { BANDS, type Band } from '../curve/bands.ts'
import { jdToDate, jdToMjd, mjdToDate } from './astro.ts'
import { BAND_COLORS, FONT } from './colors.ts'
import { type LegendEntry, legendEntries } from './legend.ts'
import { type Measure, type Placed, panelsOf, placedIn } from './panels.ts'
import type { Point } from './points.ts'
import { BAND_SYMBOLS, SERIES, type Series } from './series.ts'

type Document = NonNullable<Plot.PlotOptions['document']>
export type Svg = ReturnType<typeof Plot.plot>

/** How to draw a light curve. */
export interface ChartOptions {
  readonly document: Document
  /** In px. */
  readonly width: number
  /** First and last Julian date; all points if undefined. */
  readonly range?: readonly [first: number, last: number]
  /** Panels, if they are not those of the points. */
  readonly measures?: readonly Measure[]
}

/** A drawn panel, with the pixel position of each of its points. */
export interface Panel {
  readonly svg: Svg
  readonly height: number
  readonly positions: readonly { readonly point: Point; readonly x: number; readonly y: number }[]
}

/** Minimum margin on the time axis before the first and after the last point, in days. */
const MIN_MARGIN = 1
/** Possible spacings of the MJD ticks, in days. */
const TICK_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
export const MARGIN = { left: 58, right: 20, top: 52, bottom: 40 }
/** Width below which panels are lower, in px. */
const NARROW = 600

const LABELS: Readonly<Record<Measure, string>> = {
  apparent: 'apparent magnitude',
  difference: 'magnitude of the difference',
  flux: 'difference',
}
/** Size of a flux in µJy from which the unit is mJy. */
const MILLIJANSKYS_FROM = 3000
const PLAIN = { labelArrow: 'none', labelAnchor: 'center' } as const

/** Draws the panels of a light curve, which share their time axis: UTC above the first, MJD below the last. */
export function drawPanels(points: readonly Point[], options: ChartOptions): Panel[] {
  const measures = options.measures ?? panelsOf(points)
  const range = options.range ?? jdRange(points)
  const shown = points.filter(({ jd }) => jd >= range[0] && jd <= range[1])
  return measures.map((measure, i) =>
    drawPanel(measure, shown, { ...options, range, isFirst: i === 0, isLast: i === measures.length - 1 }),
  )
}

interface PanelOptions extends ChartOptions {
  readonly range: readonly [first: number, last: number]
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
  svg.setAttribute('role', 'img')
  // Remove Plot's style sheet, because its `height: auto` would stretch the chart inside the outer SVG.
  svg.querySelector('style')?.remove()
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
  svg.setAttribute('role', 'img')
  svg.querySelector('style')?.remove()
  return { svg, height }
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

/** Error bars. That of an apparent magnitude is the range of the flux, whose lower end may have no magnitude. */
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
  const fraction = (error * Math.LN10) / 2.5
  return { y1: y - 2.5 * Math.log10(1 + fraction), y2: fraction < 1 ? y - 2.5 * Math.log10(1 - fraction) : lowest }
}

function yTicks(measure: Measure): Plot.ScaleOptions {
  return measure === 'flux' ? { ticks: 4, tickFormat: (flux: number) => String(flux).replace('-', '−') } : { ticks: 8 }
}

/** Points of a panel with its label, in mJy if fluxes are large. */
function inUnit(measure: Measure, placed: readonly Placed[]): { placed: readonly Placed[]; label: string } {
  if (measure !== 'flux') return { placed, label: LABELS[measure] }
  const isLarge = placed.some(({ point, y }) => point.kind !== 'limit' && Math.abs(y ?? 0) >= MILLIJANSKYS_FROM)
  if (!isLarge) return { placed, label: `${LABELS.flux}, µJy` }
  const scaled = placed.map(item => ({ ...item, y: (item.y ?? 0) / 1000, error: item.error / 1000 }))
  return { placed: scaled, label: `${LABELS.flux}, mJy` }
}

/** Lower and upper end of the y axis. Magnitudes are reversed, so that brighter is higher. */
function yDomain(
  measure: Measure,
  placed: readonly Placed[],
  references: readonly { mag: number }[],
): [number, number] {
  const measured = placed.filter(({ point }) => point.kind !== 'limit')
  // Limits of cloudy or moonlit exposures would leave no room for measured fluxes.
  const values = (measure === 'flux' && measured.length > 0 ? measured : placed).flatMap(({ y, error, isFaint }) => {
    if (y === undefined) return []
    return isFaint ? [y] : [y - error, y + error]
  })
  const all = [...values, ...references.map(({ mag }) => mag), ...(measure === 'flux' ? [0] : [])]
  const [low, high] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [18, 20]
  const margin = (high - low || 1) * 0.06
  return measure === 'flux' ? [low - margin, high + margin] : [high + margin, low - margin]
}

/** Magnitudes of the reference sources by band. Each readout channel has its own reference image. */
function referencesOf(points: readonly Point[]): { band: Band; mag: number }[] {
  const references = points.flatMap(({ band, reference }) => (reference ? [{ band, mag: reference.mag }] : []))
  return [...new Map(references.map(item => [`${item.band} ${item.mag.toFixed(2)}`, item])).values()]
}

function positionsOf(svg: Svg, placed: readonly Placed[], domain: readonly [number, number]): Panel['positions'] {
  const [x, y] = [svg.scale('x'), svg.scale('y')]
  return placed.map(item => ({ point: item.point, x: x?.apply(dateOf(item)), y: y?.apply(edgeOrValue(item, domain)) }))
}

/** Where a point is drawn: at the edge of the panel if it is too faint to measure, or a flux limit above it. */
function edgeOrValue({ point, y }: Placed, [start, end]: readonly [number, number]): number {
  if (y === undefined) return start
  return point.kind === 'limit' && end > start ? Math.min(y, end - 0.05 * (end - start)) : y
}

function dateOf({ point }: Pick<Placed, 'point'>): Date {
  return jdToDate(point.jd)
}

function describePanel(measure: Measure, placed: readonly Placed[]): string {
  return `Light curve: ${LABELS[measure]} against time, ${placed.length} points. The table below has their values.`
}

/** The first and last Julian date of points, with a margin. */
export function jdRange(points: readonly Point[]): [first: number, last: number] {
  const days = points.map(({ jd }) => jd)
  const [first, last] = [Math.min(...days), Math.max(...days)]
  const margin = Math.max(MIN_MARGIN, (last - first) * 0.02)
  return [first - margin, last + margin]
}

function dateAxis([first, last]: readonly [number, number], width: number): Plot.Markish {
  const label = yearLabel(first, last)
  return Plot.axisX({ ...PLAIN, anchor: 'top', tickSpacing: width < NARROW ? 75 : 110, label, labelAnchor: 'left' })
}

/** Axis label with the year, because the ticks of a short light curve show only months and days. */
function yearLabel(firstJd: number, lastJd: number): string {
  const [first, last] = [firstJd, lastJd].map(jd => jdToDate(jd).getUTCFullYear())
  return first === last ? `UTC, ${first}` : `UTC, ${first} to ${last}`
}

/** Axis options for about `count` ticks, at round MJDs. */
function mjdTicks([firstJd, lastJd]: readonly [number, number], count: number): Plot.AxisXOptions {
  const [first, last] = [jdToMjd(firstJd), jdToMjd(lastJd)]
  const step = TICK_STEPS.find(step => step >= (last - first) / count) ?? 1000
  const start = Math.ceil(first / step)
  const mjds = Array.from({ length: Math.floor(last / step) - start + 1 }, (_, i) => (start + i) * step)
  const digits = Math.max(0, Math.ceil(-Math.log10(step)))
  return { ticks: mjds.map(mjdToDate), tickFormat: (_, i) => mjds[i]?.toFixed(digits) }
}
