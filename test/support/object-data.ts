import { bandOf } from '../../lib/curve/bands.ts'
import type { ObjectData } from '../../lib/look/find.ts'
import type { Point } from '../../lib/look/light-curve.ts'
import { readStamp, STAMPS } from '../../lib/look/stamps.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { drawStamp } from '../../lib/synthetic/stamp.ts'
import { SUPERNOVA, type Visit, visits } from '../../lib/synthetic/supernova.ts'

const STAR = { x: 0, y: 0, sigma: 1.1, peak: 500 }

/** The synthetic supernova as `make look` would find it, without a lake. */
export function objectData(changes: Partial<ObjectData> = {}): ObjectData {
  const points = visits().map(pointOf)
  const fits = drawStamp([STAR], 150, new Random(1))
  return {
    objectId: SUPERNOVA.objectId,
    candid: 2685240024115015002n,
    candidate: { jd: 2458312.8084, fid: 2, ra: SUPERNOVA.ra, dec: SUPERNOVA.dec, magpsf: 18.9, isdiffpos: 't' },
    stamps: STAMPS.map(name => readStamp(name, fits)),
    points,
    channels: 1,
    alerts: points.length,
    shownAlerts: points.length,
    nights: ['20240322', '20240509'],
    ...changes,
  }
}

function pointOf({ jd, fid, candid, mag, error, limit, isDetected }: Visit): Point {
  const exposure = { jd, band: bandOf(fid) as Point['band'], isFainter: false }
  if (!isDetected) return { ...exposure, kind: 'limit', mag: limit, error: 0 }
  return { ...exposure, kind: 'detection', mag, error, candid }
}
