import type * as Plot from '@observablehq/plot'
import type { Band } from '../curve/bands.ts'
import type { Measure, Placed } from './panels.ts'

export const BAND_SYMBOLS: Readonly<Record<Band, Plot.SymbolType>> = { g: 'circle', r: 'square', i: 'diamond' }

/** Style for one kind of point. The band determines the colour. */
export interface Series {
  /** Text in the legend; absent for detections, because the entries for the bands already show them. */
  readonly label?: string
  readonly includes: (placed: Placed, measure: Measure) => boolean
  /** Options for Plot. A symbol here replaces the band's symbol. */
  readonly dot: Plot.DotOptions
  readonly isFilled?: boolean
}

const isMeasured = ({ y, isFaint }: Placed) => y !== undefined && !isFaint
const isForced = ({ point }: Placed) => point.kind.startsWith('forced')

/** All series, in drawing order. The last one is drawn on top. */
export const SERIES: readonly Series[] = [
  {
    label: '5 sigma limit',
    includes: ({ point }) => point.kind === 'limit',
    dot: { symbol: 'triangle', rotate: 180, r: 3.5, strokeOpacity: 0.55 },
  },
  {
    label: 'forced limit',
    includes: ({ point }, measure) => measure === 'difference' && point.kind === 'forced limit',
    dot: { symbol: 'triangle', rotate: 180, r: 2, strokeOpacity: 0.4 },
  },
  {
    label: 'too faint to measure',
    includes: ({ y }) => y === undefined,
    dot: { symbol: 'triangle', rotate: 180, r: 3.5, strokeOpacity: 0.7, fillOpacity: 0.35, dy: -5 },
    isFilled: true,
  },
  {
    label: 'forced photometry',
    includes: (placed, measure) =>
      isMeasured(placed) && isForced(placed) && (measure !== 'difference' || placed.point.kind === 'forced'),
    dot: { symbol: 'times', r: 3 },
  },
  {
    label: 'below 3 sigma',
    includes: ({ y, isFaint }) => y !== undefined && isFaint,
    dot: { r: 3, strokeOpacity: 0.45 },
  },
  {
    includes: placed => isMeasured(placed) && placed.point.kind === 'detection',
    dot: { r: 3.5 },
    isFilled: true,
  },
]
