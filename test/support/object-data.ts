import { bandOf } from '../../lib/curve/bands.ts'
import { COLUMNS } from '../../lib/curve/columns.ts'
import type { CurveRow } from '../../lib/curve/merge.ts'
import type { ObjectData } from '../../lib/look/find.ts'
import { pointsOf } from '../../lib/look/points.ts'
import type { ShownAlert } from '../../lib/look/shown-alerts.ts'
import { readStamp, STAMPS } from '../../lib/look/stamps.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { drawStamp } from '../../lib/synthetic/stamp.ts'
import { SUPERNOVA, type Visit, visits } from '../../lib/synthetic/supernova.ts'

const STAR = { x: 0, y: 0, sigma: 1.1, peak: 500 }
const EMPTY = Object.fromEntries(COLUMNS.map(({ name }) => [name, null]))
const CANDIDATE = { jd: 2458312.8084, fid: 2, ra: SUPERNOVA.ra, dec: SUPERNOVA.dec, magpsf: 18.9, isdiffpos: 't' }

/** The synthetic supernova as `make look` would find it, without a lake. */
export function objectData(changes: Partial<ObjectData> = {}): ObjectData {
  const rows = changes.rows ?? visits().map(rowOf)
  const shown = changes.shown ?? [shownAlert()]
  return {
    objectId: SUPERNOVA.objectId,
    candid: 2685240024115015002n,
    candidate: CANDIDATE,
    shown,
    rows,
    points: pointsOf(rows),
    alerts: rows.length,
    shownAlerts: rows.length,
    nights: ['20240322', '20240509'],
    selected: '',
    ...changes,
  }
}

/** An alert with three stamps of a star. */
export function shownAlert(changes: Partial<ShownAlert> = {}): ShownAlert {
  const fits = drawStamp([STAR], 150, new Random(1))
  const stamps = STAMPS.map(name => readStamp(name, fits))
  return { title: 'Newest alert', candid: 2685240024115015002n, candidate: CANDIDATE, stamps, ...changes }
}

/** A row of a light curve: a detection in g, unless the values are others. */
export function curveRow(values: Partial<Record<string, unknown>>): CurveRow {
  const row = { ...EMPTY, jd: 2458300, fid: 1, band: 'g', kind: 'detection', magpsf: 19, sigmapsf: 0.1, isdiffpos: 't' }
  return { ...row, ...values } as unknown as CurveRow
}

function rowOf({ jd, fid, candid, mag, error, limit, isDetected }: Visit): CurveRow {
  const exposure = { objectId: SUPERNOVA.objectId, jd, fid, band: bandOf(fid), diffmaglim: limit }
  if (isDetected) return curveRow({ ...exposure, candid, magpsf: mag, sigmapsf: error })
  return curveRow({ ...exposure, kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null })
}
