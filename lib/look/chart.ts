import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { BANDS, type Band } from '../curve/bands.ts'
import { formatUtc, jdToDate, jdToMjd, mjdToDate } from './astro.ts'
import type { Point } from './light-curve.ts'
import { type Color, type Drawing, FONT, WIDTH } from './svg.ts'

export const BAND_COLORS: Readonly<Record<Band, Color>> = {
  g: { light: '#16803c', dark: '#4ade80' },
  r: { light: '#c81e1e', dark: '#f87171' },
  i: { light: '#a15c07', dark: '#f0a63c' },
}
const BAND_SYMBOLS: Record<Band, Plot.SymbolType> = { g: 'circle', r: 'square', i: 'diamond' }

/** Minimum margin on the time axis before the first and after the last point, in days. */
const MIN_MARGIN = 1
/** Possible spacings of the MJD ticks, in days. */
const TICK_STEPS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Style for one kind of point. The band determines the colour. */
interface Series {
  /** Text in the legend; absent for brighter detections, because the entries for the bands already show them. */
  readonly label?: string
  readonly kind: Point['kind']
  readonly isFainter?: boolean
  /** Options for Plot. A symbol here replaces the band's symbol. */
  readonly dot: Plot.DotOptions
  readonly isFilled?: boolean
}

/** All series, in drawing order. The last one is drawn on top. */
const SERIES: readonly Series[] = [
  { label: '5 sigma limit', kind: 'limit', dot: { symbol: 'triangle', rotate: 180, r: 3.5, strokeOpacity: 0.55 } },
  { label: 'forced limit', kind: 'forced limit', dot: { symbol: 'triangle', rotate: 180, r: 2, strokeOpacity: 0.4 } },
  { label: 'forced photometry', kind: 'forced', dot: { symbol: 'times', r: 3 } },
  { label: 'forced, fainter', kind: 'forced', isFainter: true, dot: { symbol: 'plus', r: 3 } },
  { label: 'fainter than reference', kind: 'detection', isFainter: true, dot: { r: 4 } },
  { kind: 'detection', dot: { r: 4 }, isFilled: true },
]

const POSITION = { x: ({ jd }: Point) => jdToDate(jd), y: ({ mag }: Point) => mag }
const PLAIN = { labelArrow: 'none', labelAnchor: 'center' } as const
const bandColor = (band: Band) => BAND_COLORS[band].light

/** Draws the light curve with MJD on the bottom axis and UTC dates on the top axis. Each point has a tooltip. */
export function drawLightCurve(points: readonly Point[]): Drawing {
  const [first, last] = jdRange(points)
  return plot(420, {
    marginLeft: 58,
    marginTop: 52,
    marginBottom: 40,
    x: { type: 'utc', domain: [jdToDate(first), jdToDate(last)] },
    y: { ...PLAIN, reverse: true, label: 'difference magnitude', grid: true, nice: true },
    marks: [
      Plot.frame({ strokeOpacity: 0.4 }),
      Plot.axisX({ ...PLAIN, anchor: 'top', tickSpacing: 110, label: yearLabel(first, last), labelAnchor: 'left' }),
      Plot.axisX({ ...PLAIN, anchor: 'bottom', label: 'MJD', ...mjdTicks(first, last) }),
      ...marks(points, bandColor, { title: tooltip }),
    ],
  })
}

/** Draws the legend of the bands and symbols in use. */
export function drawLegend(points: readonly Point[]): Drawing {
  const [bands, symbols] = legendEntries(points)
  return plot(26, {
    margin: 0,
    axis: null,
    x: { type: 'utc', domain: [jdToDate(0), jdToDate(WIDTH)] },
    y: { domain: [-1, 1] },
    marks: [
      ...marks(bands, bandColor),
      ...marks(symbols, () => 'currentColor'),
      Plot.text([...bands, ...symbols], { ...POSITION, text: 'label', textAnchor: 'start', dx: 10 }),
    ],
  })
}

type LegendEntry = Point & { readonly label: string }

/** Legend entries. Their `jd` is their x position in px, because the legend's time axis has one day per pixel. */
function legendEntries(points: readonly Point[]): [bands: LegendEntry[], symbols: LegendEntry[]] {
  const bands = BANDS.filter(band => points.some(point => point.band === band))
  const symbols = SERIES.flatMap(({ label, ...series }) => {
    const example = pointsIn(series, points)[0]
    return label && example ? { ...example, label } : []
  })
  const position = { mag: 0, error: 0 }
  const symbolsStart = 12 + bands.length * 50
  return [
    bands.map((band, i) => ({ band, label: band, kind: 'detection', isFainter: false, ...position, jd: 12 + i * 50 })),
    symbols.map((entry, i) => ({ ...entry, ...position, jd: symbolsStart + i * 155 })),
  ]
}

function pointsIn({ kind, isFainter = false }: Series, points: readonly Point[]): Point[] {
  return points.filter(point => point.kind === kind && point.isFainter === isFainter)
}

function marks(
  points: readonly Point[],
  colorOf: (band: Band) => string,
  options: Plot.MarkOptions = {},
): Plot.Markish[] {
  return BANDS.flatMap(band => {
    const inBand = points.filter(point => point.band === band)
    const style = { ...options, stroke: colorOf(band), symbol: BAND_SYMBOLS[band] }
    const dots = SERIES.map(series => {
      const fill = series.isFilled ? { fill: style.stroke } : {}
      return Plot.dot(pointsIn(series, inBand), { ...POSITION, ...style, ...fill, ...series.dot })
    })
    return [errorBars(inBand, style), ...dots]
  })
}

function errorBars(points: readonly Point[], style: Plot.MarkOptions): Plot.Markish {
  const [y1, y2] = [({ mag, error }: Point) => mag - error, ({ mag, error }: Point) => mag + error]
  const withError = points.filter(({ error }) => error > 0)
  return Plot.ruleX(withError, { x: POSITION.x, y1, y2, ...style, strokeOpacity: 0.7 })
}

function tooltip({ jd, band, kind, mag, error, isFainter, candid }: Point): string {
  const measured = kind.endsWith('limit') ? `> ${mag.toFixed(2)}` : `${mag.toFixed(2)} ± ${error.toFixed(2)}`
  const lines = [
    `${band} ${measured} mag${isFainter ? ', fainter than the reference' : ''}`,
    kind.startsWith('forced') ? 'forced photometry' : kind,
    `${formatUtc(jd)} UTC, MJD ${jdToMjd(jd).toFixed(5)}`,
    ...(candid === undefined ? [] : [`candid ${candid}`]),
  ]
  return lines.join('\n')
}

function jdRange(points: readonly Point[]): [first: number, last: number] {
  const days = points.map(({ jd }) => jd)
  const [first, last] = [Math.min(...days), Math.max(...days)]
  const margin = Math.max(MIN_MARGIN, (last - first) * 0.02)
  return [first - margin, last + margin]
}

/** Axis label with the year, because the ticks of a short light curve show only months and days. */
function yearLabel(firstJd: number, lastJd: number): string {
  const [first, last] = [firstJd, lastJd].map(jd => jdToDate(jd).getUTCFullYear())
  return first === last ? `UTC, ${first}` : `UTC, ${first} to ${last}`
}

/** Axis options for at most nine ticks, at round MJDs. */
function mjdTicks(firstJd: number, lastJd: number): Plot.AxisXOptions {
  const [first, last] = [jdToMjd(firstJd), jdToMjd(lastJd)]
  const step = TICK_STEPS.find(step => step >= (last - first) / 8) ?? 1000
  const start = Math.ceil(first / step)
  const mjds = Array.from({ length: Math.floor(last / step) - start + 1 }, (_, i) => (start + i) * step)
  return { ticks: mjds.map(mjdToDate), tickFormat: (_, i) => mjds[i]?.toFixed(step < 1 ? 1 : 0) }
}

function plot(height: number, options: Plot.PlotOptions): Drawing {
  const { document } = parseHTML('<html></html>')
  const svg = Plot.plot({ document, width: WIDTH, height, style: { fontFamily: FONT, fontSize: '12px' }, ...options })
  // Remove Plot's style sheet, because its `height: auto` would stretch the chart inside the outer SVG.
  svg.querySelector('style')?.remove()
  return { markup: svg.outerHTML, height }
}
