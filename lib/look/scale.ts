import type { Measure, Placed } from './panels.ts'

/** Labels of the y axes, without units. */
export const LABELS: Readonly<Record<Measure, string>> = {
  apparent: 'apparent magnitude',
  difference: 'difference magnitude',
  flux: 'difference flux',
}
/** Size of a flux in µJy from which the unit is mJy. */
const MILLIJANSKYS_FROM = 3000

/** The points and the y label of a panel. Fluxes are in µJy, or in mJy if they are large. */
export function inUnit(measure: Measure, placed: readonly Placed[]): { placed: readonly Placed[]; label: string } {
  if (measure !== 'flux') return { placed, label: LABELS[measure] }
  const isLarge = placed.some(({ point, y }) => point.kind !== 'limit' && Math.abs(y ?? 0) >= MILLIJANSKYS_FROM)
  if (!isLarge) return { placed, label: `${LABELS.flux}, µJy` }
  const scaled = placed.map(item => ({ ...item, y: (item.y ?? 0) / 1000, error: item.error / 1000 }))
  return { placed: scaled, label: `${LABELS.flux}, mJy` }
}

/** Lower and upper end of the y axis. Magnitudes are reversed, so that brighter is higher. */
export function yDomain(
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

/**
 * The y value at which a point is drawn: the lower edge if it is too faint to measure, and just below the upper edge if it is
 * a flux limit beyond it.
 */
export function edgeOrValue({ point, y }: Placed, [start, end]: readonly [number, number]): number {
  if (y === undefined) return start
  return point.kind === 'limit' && end > start ? Math.min(y, end - 0.05 * (end - start)) : y
}
