import { type DotOptions, dot, frame, plot } from '@observablehq/plot'
import type { NightState } from '../../nights/status.ts'

/** State of a night, or `gap` for a date without a file in the archive. */
export type DateState = NightState | 'gap'

export interface StateStyle {
  readonly label: string
  readonly fill: string
  readonly stroke: string
  /** Symbol that identifies the state to readers who cannot see its colour; absent for the most common states. */
  readonly symbol?: 'circle' | 'times' | 'triangle' | 'plus'
}

/** Style of each state. If a date has two tarballs, the calendar shows the state that is first in this list. */
export const STATE_STYLES: Readonly<Record<DateState, StateStyle>> = {
  failed: { label: 'failed', fill: 'var(--failed)', stroke: 'none', symbol: 'times' },
  salvaged: { label: 'salvaged', fill: 'var(--salvaged)', stroke: 'none', symbol: 'triangle' },
  disk: { label: 'on disk', fill: 'var(--disk)', stroke: 'none', symbol: 'circle' },
  listed: { label: 'listed', fill: 'var(--raised)', stroke: 'var(--open)' },
  lake: { label: 'in the lake', fill: 'var(--lake)', stroke: 'none' },
  empty: { label: 'empty', fill: 'var(--empty)', stroke: 'none' },
  gap: { label: 'no file', fill: 'var(--raised)', stroke: 'none', symbol: 'plus' },
}

/** Width and height of a swatch in pixels. */
const SWATCH = 13

export const STATES = Object.keys(STATE_STYLES) as DateState[]

/** Order of states in the legend: from listed to converted, then the exceptions. */
export const LEGEND_ORDER: readonly DateState[] = ['listed', 'disk', 'lake', 'salvaged', 'failed', 'empty', 'gap']

const swatches = new Map<DateState, Element>()

/** A small image of a calendar cell in this state. */
export function swatch(state: DateState): Node {
  const image = swatches.get(state) ?? draw(STATE_STYLES[state])
  swatches.set(state, image)
  return image.cloneNode(true)
}

function draw({ fill, stroke, symbol }: StateStyle): Element {
  const image = plot({
    width: SWATCH,
    height: SWATCH,
    margin: 0,
    axis: null,
    className: 'swatch',
    marks: [
      frame({ fill, stroke, inset: 0.5 }),
      symbol && dot([0], { frameAnchor: 'middle', ...symbolStyle(symbol, SWATCH) }),
    ],
  })
  // Remove Plot's style sheet, because it would become text content of the surrounding element.
  image.querySelector('style')?.remove()
  image.setAttribute('aria-hidden', 'true')
  return image
}

/** Plot options for a symbol in a cell that is `cell` pixels high. */
export function symbolStyle(symbol: NonNullable<StateStyle['symbol']>, cell: number): DotOptions {
  const open = symbol === 'times' || symbol === 'plus'
  const colour = symbol === 'plus' ? 'var(--open)' : 'var(--on-colour)'
  const pen = open ? { stroke: colour, strokeWidth: Math.max(1, cell / 10) } : { fill: colour, stroke: 'none' }
  return { symbol, r: cell * (open ? 0.24 : 0.19), ...pen }
}
