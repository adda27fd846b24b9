import { type DotOptions, dot, frame, plot } from '@observablehq/plot'
import type { State } from '../../nights/status.ts'

/** A night's state, or that of a date of which the archive has no file. */
export type Shown = State | 'gap'

export interface Look {
  readonly label: string
  readonly fill: string
  readonly stroke: string
  /** Tells the state without colour; none on what is usual. */
  readonly symbol?: 'circle' | 'times' | 'triangle' | 'plus'
}

/** How each state looks; of a date with two tarballs the first of them here is drawn. */
export const LOOKS: Readonly<Record<Shown, Look>> = {
  failed: { label: 'failed', fill: 'var(--failed)', stroke: 'none', symbol: 'times' },
  salvaged: { label: 'salvaged', fill: 'var(--salvaged)', stroke: 'none', symbol: 'triangle' },
  disk: { label: 'on disk', fill: 'var(--disk)', stroke: 'none', symbol: 'circle' },
  listed: { label: 'listed', fill: 'var(--raised)', stroke: 'var(--open)' },
  lake: { label: 'in the lake', fill: 'var(--lake)', stroke: 'none' },
  empty: { label: 'empty', fill: 'var(--empty)', stroke: 'none' },
  gap: { label: 'no file', fill: 'var(--raised)', stroke: 'none', symbol: 'plus' },
}

const SWATCH = 13

export const SHOWN = Object.keys(LOOKS) as Shown[]

/** The order of a night's way through it all, as the legend has it. */
export const LEGEND: readonly Shown[] = ['listed', 'disk', 'lake', 'salvaged', 'failed', 'empty', 'gap']

/** A small picture of the state, as the calendar draws it. */
export function swatch(state: Shown): Node {
  const picture = PICTURES.get(state) ?? draw(LOOKS[state])
  PICTURES.set(state, picture)
  return picture.cloneNode(true)
}

const PICTURES = new Map<Shown, Element>()

function draw({ fill, stroke, symbol }: Look): Element {
  const picture = plot({
    ...{ width: SWATCH, height: SWATCH, margin: 0, axis: null, className: 'swatch' },
    marks: [
      frame({ fill, stroke, inset: 0.5 }),
      symbol && dot([0], { frameAnchor: 'middle', ...symbolStyle(symbol, SWATCH) }),
    ],
  })
  // Plot's style sheet would be part of the text around.
  picture.querySelector('style')?.remove()
  picture.setAttribute('aria-hidden', 'true')
  return picture
}

/** How a symbol is drawn on a cell of so many pixels. */
export function symbolStyle(symbol: NonNullable<Look['symbol']>, cell: number): DotOptions {
  const open = symbol === 'times' || symbol === 'plus'
  const colour = symbol === 'plus' ? 'var(--open)' : 'var(--on-colour)'
  const pen = open ? { stroke: colour, strokeWidth: Math.max(1, cell / 10) } : { fill: colour, stroke: 'none' }
  return { symbol, r: cell * (open ? 0.24 : 0.19), ...pen }
}
