import { type DotOptions, dot, frame, plot } from '@observablehq/plot'
import type { NightState } from '../../nights/status.ts'

/** State of a night, or `gap` for a date without a file in the archive. */
export type DateState = NightState | 'gap'

export interface StateStyle {
  readonly label: string
  /** Explanation for the legend. */
  readonly meaning: string
  readonly fill: string
  readonly stroke: string
  /** Symbol that identifies the state to readers who cannot see its colour; absent for the most common states. */
  readonly symbol?: 'circle' | 'times' | 'triangle' | 'point'
}

/** Style of each state. If a date has two tarballs, the calendar shows the state that is first in this list. */
export const STATE_STYLES: Readonly<Record<DateState, StateStyle>> = {
  failed: {
    label: 'failed',
    meaning: 'the last attempt at the night failed; the table has the reason',
    ...{ fill: 'var(--failed)', stroke: 'none', symbol: 'times' },
  },
  salvaged: {
    label: 'salvaged',
    meaning: 'the tarball is cut or damaged; every alert that can be read is in the lake',
    ...{ fill: 'var(--salvaged)', stroke: 'none', symbol: 'triangle' },
  },
  disk: {
    label: 'on disk',
    meaning: 'the tarball waits for make lake',
    ...{ fill: 'var(--disk)', stroke: 'none', symbol: 'circle' },
  },
  listed: {
    label: 'listed',
    meaning: 'in the archive, but neither on disk nor in the lake',
    ...{ fill: 'var(--raised)', stroke: 'var(--open)' },
  },
  lake: { label: 'in the lake', meaning: 'every alert is in the lake', fill: 'var(--lake)', stroke: 'none' },
  empty: { label: 'empty', meaning: 'a tarball without alerts', fill: 'var(--empty)', stroke: 'none' },
  gap: {
    label: 'no file',
    meaning: 'the archive has no tarball of this date',
    ...{ fill: 'transparent', stroke: 'none', symbol: 'point' },
  },
}

/** Width and height of a swatch in pixels. */
const SWATCH = 13

export const STATES = Object.keys(STATE_STYLES) as DateState[]

/** Order of states in the table: those that need attention first, those without contents last. */
export const TABLE_ORDER: readonly DateState[] = ['failed', 'salvaged', 'disk', 'lake', 'listed', 'empty', 'gap']

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
  if (symbol === 'point') return { r: 1, fill: 'var(--open)', stroke: 'none' }
  if (symbol === 'times')
    return { symbol, r: cell * 0.24, stroke: 'var(--on-colour)', strokeWidth: Math.max(1, cell / 10) }
  return { symbol, r: cell * 0.19, fill: 'var(--on-colour)', stroke: 'none' }
}
