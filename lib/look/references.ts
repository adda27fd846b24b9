import { BANDS, type Band } from '../curve/bands.ts'
import type { Point } from './points.ts'

/** Magnitude of the source in a reference image, with the readout channels, as `field rcid`, that have it. */
export interface ReferenceMag {
  readonly band: Band
  readonly mag: number
  readonly channels: readonly string[]
}

/** Magnitudes of the reference sources, to hundredths, by band. Each readout channel has its own reference image. */
export function referencesOf(points: readonly Point[]): ReferenceMag[] {
  const found = new Map<string, { band: Band; mag: number; channels: Set<string> }>()
  for (const { band, reference, field, rcid } of points) {
    if (!reference) continue
    const key = `${band} ${reference.mag.toFixed(2)}`
    const entry = found.get(key) ?? { band, mag: reference.mag, channels: new Set() }
    if (field !== undefined && rcid !== undefined) entry.channels.add(`${field} ${rcid}`)
    found.set(key, entry)
  }
  const inOrder = [...found.values()].sort((a, b) => BANDS.indexOf(a.band) - BANDS.indexOf(b.band) || a.mag - b.mag)
  return inOrder.map(item => ({ ...item, channels: [...item.channels] }))
}
