import type { Night } from '../night.ts'
import { LOOK } from '../parents.ts'
import type { Paths } from '../paths.ts'
import { readNote, removeNote, writeNote } from './notes.ts'

/** How far a night's conversion is. */
export interface Gauge {
  /** Bytes of tarball that were read. */
  read: number
  /** Alerts in the lake's files or about to be. */
  alerts: number
}

/** Converts a night, and has a note tell meanwhile how far that is; what is done within a second needs none. */
export async function gauged<T>(paths: Paths, night: Night, work: (gauge: Gauge) => Promise<T>): Promise<T> {
  const gauge = { read: 0, alerts: 0 }
  const timer = setInterval(() => writeNote(paths.gauge(night), gauge), LOOK)
  try {
    return await work(gauge)
  } finally {
    clearInterval(timer)
    await removeNote(paths.gauge(night))
  }
}

export async function readGauge(paths: Paths, night: Night): Promise<Gauge | undefined> {
  return readNote(paths.gauge(night))
}
