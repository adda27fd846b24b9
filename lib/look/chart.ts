import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { dateToMjd, formatUtc, jdToDate, jdToMjd, mjdToDate } from './astro.ts'
import { BANDS, type Band, type Point } from './light-curve.ts'
import { type Color, type Drawing, FONT, WIDTH } from './svg.ts'

/** Colours of the light curve. */
export const BAND_COLORS: Readonly<Record<Band, Color>> = {
  g: { light: '#16803c', dark: '#4ade80' },
  r: { light: '#c81e1e', dark: '#f87171' },
  i: { light: '#a15c07', dark: '#f0a63c' },
}
const BAND_SYMBOLS: Record<Band, Plot.SymbolType> = { g: 'circle', r: 'square', i: 'diamond' }

/** Days left and right of the points, at least. */
const MIN_MARGIN = 1

/** Points with the same symbol; those without a label need no entry in the legend. */
interface Series {
  readonly label?: string
  readonly includes: (point: Point) => boolean
  readonly style: (band: Band, color: string) => Plot.DotOptions
}

/** In drawing order: the last is on top. */
const SERIES: readonly Series[] = [
  {
    label: '5 sigma limit',
    includes: ({ kind }) => kind === 'limit',
    style: () => ({ symbol: 'triangle', rotate: 180, r: 3.5, strokeOpacity: 0.55 }),
  },
  {
    label: 'forced limit',
    includes: ({ kind }) => kind === 'forced limit',
    style: () => ({ symbol: 'triangle', rotate: 180, r: 2, strokeOpacity: 0.4 }),
  },
  {
    label: 'forced photometry',
    includes: ({ kind, isFainter }) => kind === 'forced' && !isFainter,
    style: () => ({ symbol: 'times', r: 3 }),
  },
  {
    label: 'forced, fainter',
    includes: ({ kind, isFainter }) => kind === 'forced' && isFainter,
    style: () => ({ symbol: 'plus', r: 3 }),
  },
  {
    label: 'fainter than reference',
    includes: ({ kind, isFainter }) => kind === 'detection' && isFainter,
    style: band => ({ symbol: BAND_SYMBOLS[band], r: 4 }),
  },
  {
    includes: ({ kind, isFainter }) => kind === 'detection' && !isFainter,
    style: (band, color) => ({ symbol: BAND_SYMBOLS[band], r: 4, fill: color }),
  },
]

const POSITION = { x: ({ jd }: Point) => jdToDate(jd), y: ({ mag }: Point) => mag }
const PLAIN = { labelArrow: 'none', labelAnchor: 'center' } as const
const bandColor = (band: Band) => BAND_COLORS[band].light

/** The light curve: bright is up, MJD below, dates above. Each point has a tooltip. */
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

/** The legend: the bands and symbols that these points have. */
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

/** Entries are points whose `jd` is their x in px: the legend's time axis has one day per pixel. */
function legendEntries(points: readonly Point[]): [bands: LegendEntry[], symbols: LegendEntry[]] {
  const bands = BANDS.filter(band => points.some(point => point.band === band))
  const symbols = SERIES.flatMap(({ label, includes }) => {
    const example = points.find(includes)
    return label && example ? [{ ...example, label }] : []
  })
  const start = 12 + bands.length * 50
  return [
    bands.map((band, i) => ({
      jd: 12 + i * 50,
      band,
      label: band,
      kind: 'detection',
      isFainter: false,
      mag: 0,
      error: 0,
    })),
    symbols.map((entry, i) => ({ ...entry, jd: start + i * 155, mag: 0, error: 0 })),
  ]
}

function marks(
  points: readonly Point[],
  colorOf: (band: Band) => string,
  options: Plot.MarkOptions = {},
): Plot.Markish[] {
  return BANDS.flatMap(band => {
    const [color, inBand] = [colorOf(band), points.filter(point => point.band === band)]
    const dots = SERIES.map(({ includes, style }) =>
      Plot.dot(inBand.filter(includes), { ...POSITION, ...options, stroke: color, ...style(band, color) }),
    )
    return [errorBars(inBand, color, options), ...dots]
  })
}

function errorBars(points: readonly Point[], color: string, options: Plot.MarkOptions): Plot.Markish {
  return Plot.ruleX(
    points.filter(({ error }) => error > 0),
    {
      x: POSITION.x,
      y1: ({ mag, error }) => mag - error,
      y2: ({ mag, error }) => mag + error,
      ...options,
      stroke: color,
      strokeOpacity: 0.7,
    },
  )
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

/** Year of the dates: the ticks of a short light curve have only months and days. */
function yearLabel(firstJd: number, lastJd: number): string {
  const [first, last] = [firstJd, lastJd].map(jd => jdToDate(jd).getUTCFullYear())
  return first === last ? `UTC, ${first}` : `UTC, ${first} to ${last}`
}

/** About eight ticks at round MJDs. */
function mjdTicks(firstJd: number, lastJd: number): { ticks: Date[]; tickFormat: (date: Date) => string } {
  const [first, last] = [jdToMjd(firstJd), jdToMjd(lastJd)]
  const minStep = (last - first) / 8
  const power = 10 ** Math.floor(Math.log10(minStep))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(step => step >= minStep) ?? minStep
  const start = Math.ceil(first / step)
  const ticks = Array.from({ length: Math.floor(last / step) - start + 1 }, (_, i) => mjdToDate((start + i) * step))
  const digits = Math.max(0, -Math.floor(Math.log10(step)))
  return { ticks, tickFormat: date => dateToMjd(date).toFixed(digits) }
}

function plot(height: number, options: Plot.PlotOptions): Drawing {
  const { document } = parseHTML('<html></html>')
  const svg = Plot.plot({ document, width: WIDTH, height, style: { fontFamily: FONT, fontSize: '12px' }, ...options })
  // Its rule `height: auto` would stretch the chart, because it is nested in another SVG.
  svg.querySelector('style')?.remove()
  return { markup: svg.outerHTML, height }
}
