import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { DAY } from '../core/units.ts'
import { dateOf, jdOf, mjdOf, showTime } from './astro.ts'
import { BANDS, type Band, type Point } from './light-curve.ts'

/** Colours by what they are for, as SVG writes them. */
export type Palette = Readonly<Record<Band, string>>

export const WIDTH = 960
const HEIGHT = 420
const SYMBOLS: Record<Band, Plot.SymbolType> = { g: 'circle', r: 'square', i: 'diamond' }
const FONT = { fontFamily: 'system-ui, "DejaVu Sans", sans-serif', fontSize: '12px' }
/** Days around the first and last point, at least. */
const MARGIN = 1

/** A light curve as SVG: magnitudes upside down, MJD below and dates above; what a point is stands in its title. */
export function drawLightCurve(points: readonly Point[], palette: Palette): string {
  return svg({
    height: HEIGHT,
    marginLeft: 58,
    marginTop: 52,
    marginBottom: 40,
    x: { type: 'utc', domain: domainOf(points) },
    y: {
      reverse: true,
      label: 'difference magnitude',
      labelArrow: 'none',
      labelAnchor: 'center',
      grid: true,
      nice: true,
    },
    marks: [
      Plot.frame({ strokeOpacity: 0.4 }),
      Plot.axisX({ anchor: 'top', tickSpacing: 110, label: yearsOf(points), labelArrow: 'none', labelAnchor: 'left' }),
      Plot.axisX({ anchor: 'bottom', label: 'MJD', labelArrow: 'none', labelAnchor: 'center', ...mjdTicks(points) }),
      ...marks(points, palette),
    ],
  })
}

/** What the colours and symbols mean, of those that are there, as SVG. */
export function drawLegend(points: readonly Point[], palette: Palette): string {
  const bands = BANDS.filter(band => points.some(point => point.band === band)).map(band => ({
    ...EXAMPLE,
    band,
    says: band,
  }))
  const kinds = KINDS.filter(([is]) => points.some(is)).map(([is, says]) => ({ ...EXAMPLE, ...points.find(is), says }))
  const at = (i: number) => new Date((12 + Math.min(i, bands.length) * 50 + Math.max(0, i - bands.length) * 155) * DAY)
  const placed = [...bands, ...kinds].map((entry, i) => ({ ...entry, jd: jdOf(at(i)), mag: 0, error: 0 }))
  const grey = { g: 'currentColor', r: 'currentColor', i: 'currentColor' }
  return svg({
    height: 26,
    margin: 0,
    axis: null,
    x: { type: 'utc', domain: [new Date(0), new Date(WIDTH * DAY)] },
    y: { domain: [-1, 1] },
    marks: [
      ...marks(placed.slice(0, bands.length), palette),
      ...marks(placed.slice(bands.length), grey),
      Plot.text(placed, { x: place.x, y: 0, text: 'says', textAnchor: 'start', dx: 10 }),
    ],
  })
}

const EXAMPLE: Point = { jd: 0, band: 'g', kind: 'detection', mag: 0, error: 0, isFainter: false }

function marks(points: readonly Point[], palette: Palette): Plot.Markish[] {
  return BANDS.flatMap(band => {
    const own = points.filter(point => point.band === band)
    const of = (test: (point: Point) => boolean) => own.filter(test)
    const dots = (some: Point[], options: Plot.DotOptions) =>
      Plot.dot(some, { ...place, stroke: palette[band], ...options })
    return [
      dots(of(isLimit), { symbol: 'triangle', rotate: 180, r: 3.5, strokeOpacity: 0.55 }),
      dots(of(isForcedLimit), { symbol: 'triangle', rotate: 180, r: 2, strokeOpacity: 0.4 }),
      Plot.ruleX(of(isMeasured), { x: place.x, title: describe, ...bar, stroke: palette[band], strokeOpacity: 0.7 }),
      dots(of(isForced), { symbol: 'times', r: 3 }),
      dots(of(isForcedFainter), { symbol: 'plus', r: 3 }),
      dots(of(isFaded), { symbol: SYMBOLS[band], r: 4 }),
      dots(of(isBrighter), { symbol: SYMBOLS[band], r: 4, fill: palette[band] }),
    ]
  })
}

const place = { x: (point: Point) => dateOf(point.jd), y: (point: Point) => point.mag, title: describe }
const bar = {
  y1: (point: Point) => point.mag - point.error,
  y2: (point: Point) => point.mag + point.error,
}

const isLimit = ({ kind }: Point) => kind === 'limit'
const isForced = ({ kind, isFainter }: Point) => kind === 'forced' && !isFainter
const isForcedFainter = ({ kind, isFainter }: Point) => kind === 'forced' && isFainter
const isForcedLimit = ({ kind }: Point) => kind === 'forced limit'
const isMeasured = ({ kind }: Point) => kind === 'detection' || kind === 'forced'
const isFaded = ({ kind, isFainter }: Point) => kind === 'detection' && isFainter
const isBrighter = ({ kind, isFainter }: Point) => kind === 'detection' && !isFainter

/** What a symbol says besides its band. */
const KINDS: [is: (point: Point) => boolean, says: string][] = [
  [isFaded, 'fainter than reference'],
  [isLimit, 'limit, 5 sigma'],
  [isForced, 'forced photometry'],
  [isForcedFainter, 'forced, fainter'],
  [isForcedLimit, 'forced, a limit'],
]

function describe({ jd, band, kind, mag, error, isFainter, candid }: Point): string {
  const measured = kind.endsWith('limit') ? `> ${mag.toFixed(2)}` : `${mag.toFixed(2)} ± ${error.toFixed(2)}`
  const lines = [
    `${band} ${measured} mag${isFainter ? ', fainter than the reference' : ''}`,
    kind.startsWith('forced') ? 'forced photometry' : kind,
    `${showTime(jd)} UTC, MJD ${mjdOf(jd).toFixed(5)}`,
    ...(candid === undefined ? [] : [`candid ${candid}`]),
  ]
  return lines.join('\n')
}

function domainOf(points: readonly Point[]): [Date, Date] {
  const days = points.map(({ jd }) => jd)
  const [first, last] = [Math.min(...days), Math.max(...days)]
  const margin = Math.max(MARGIN, (last - first) * 0.02)
  return [dateOf(first - margin), dateOf(last + margin)]
}

/** Ticks of weeks do not tell their year. */
function yearsOf(points: readonly Point[]): string {
  const [first, last] = domainOf(points).map(date => date.getUTCFullYear())
  return first === last ? `UTC, ${first}` : `UTC, ${first} to ${last}`
}

/** Round MJD, some eight of them. */
function mjdTicks(points: readonly Point[]): { ticks: Date[]; tickFormat: (date: Date) => string } {
  const [first, last] = domainOf(points).map(date => mjdOf(jdOf(date))) as [number, number]
  const rough = (last - first) / 8
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(times => times * power).find(step => step >= rough) ?? rough
  const count = Math.floor(last / step) - Math.ceil(first / step) + 1
  const ticks = Array.from({ length: count }, (_, i) => dateOf((Math.ceil(first / step) + i) * step - mjdOf(0)))
  const digits = Math.max(0, -Math.floor(Math.log10(step)))
  return { ticks, tickFormat: date => mjdOf(jdOf(date)).toFixed(digits) }
}

function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html></html>')
  const plot = Plot.plot({ document, width: WIDTH, style: FONT, ...options })
  plot.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return plot.outerHTML
}
