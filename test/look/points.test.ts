import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CurveRow } from '../../lib/curve/merge.ts'
import { countChannels, type Point, pointsOf } from '../../lib/look/points.ts'
import { curveRow } from '../support/object-data.ts'

/** AB magnitude 23.9 is 1 µJy. */
const MICROJANSKYS_OF_20 = 10 ** (0.4 * 3.9)

test('a forced flux of at least 3 sigma is a magnitude, a smaller one a 5 sigma limit, and both have their flux', () => {
  const points = pointsOf([100, -100, 30, 29, -29].map(forced))
  const error = (0.1 * 2.5) / Math.LN10
  assert.deepEqual(
    points.map(({ jd, kind, mag, isFainter }) => [jd, kind, Number(mag.toFixed(6)), isFainter]),
    [
      [1, 'forced', 20, false],
      [2, 'forced', 20, true],
      [3, 'forced', Number((25 - 2.5 * Math.log10(30)).toFixed(6)), false],
      [4, 'forced limit', Number((25 - 2.5 * Math.log10(50)).toFixed(6)), false],
      [5, 'forced limit', Number((25 - 2.5 * Math.log10(50)).toFixed(6)), false],
    ],
  )
  assert.deepEqual(
    points.map(({ error }) => error),
    [error, error, 2.5 / Math.LN10 / 3, 0, 0],
  )
  for (const [i, counts] of [100, -100, 30, 29, -29].entries()) {
    assertClose(points[i]?.flux, (MICROJANSKYS_OF_20 * counts) / 100)
    assertClose(points[i]?.fluxError, MICROJANSKYS_OF_20 / 10)
  }
})

test('a detection has its magnitude, error and signed flux, a limit the limiting magnitude', () => {
  const [detection, limit] = pointsOf([
    curveRow({ jd: 1, magpsf: 20, sigmapsf: 0.25, isdiffpos: 'f', diffmaglim: 20, candid: 7n }),
    curveRow({ ...NOTHING, jd: 2, kind: 'limit', diffmaglim: 20 }),
  ])
  const { flux, fluxError, ...rest } = detection as Point
  assert.deepEqual(rest, { jd: 1, band: 'g', kind: 'detection', mag: 20, error: 0.25, isFainter: true, candid: '7' })
  assertClose(flux, -MICROJANSKYS_OF_20)
  assertClose(fluxError, (MICROJANSKYS_OF_20 * 0.25 * Math.LN10) / 2.5)
  assert.deepEqual([limit?.kind, limit?.mag, limit?.error, limit?.fluxError], ['limit', 20, 0, 0])
  assertClose(limit?.flux, MICROJANSKYS_OF_20)
})

test('a point has the reference source and the apparent magnitude, if that source is near', () => {
  const values = { magnr: 18, distnr: 0.5, magpsf_corr: 17.5, sigmapsf_corr_ext: 0.02 }
  const [near, vanished, far] = pointsOf([
    curveRow(values),
    curveRow({ ...values, magpsf_corr: null, sigmapsf_corr_ext: null }),
    curveRow({ ...values, distnr: 2 }),
  ])
  assert.deepEqual(near?.reference, { mag: 18, apparent: { mag: 17.5, error: 0.02 } })
  assert.deepEqual(vanished?.reference, { mag: 18 })
  assert.equal(far?.reference, undefined)
})

test('rows with missing values or an unknown filter are not drawn', () => {
  const points = pointsOf([
    curveRow({ jd: 1 }),
    curveRow({ ...NOTHING, jd: 2, kind: 'limit' }),
    curveRow({ ...NOTHING, jd: 3, kind: 'limit', band: null, diffmaglim: 20 }),
    curveRow({ jd: 4, sigmapsf: null }),
    { ...forced(100, 4), forcediffimflux: null },
    { ...forced(100, 5), forcediffimfluxunc: -1 },
    { ...forced(100, 6), magzpsci: null },
  ])
  assert.deepEqual(
    points.map(({ jd }) => jd),
    [1],
  )
})

test('readout channels are counted for detections, not for limits', () => {
  const points = pointsOf([
    curveRow({ jd: 1, field: 523, rcid: 41 }),
    curveRow({ jd: 2, field: 523, rcid: 41 }),
    curveRow({ jd: 3, field: 523, rcid: 40 }),
    curveRow({ jd: 4 }),
    curveRow({ ...NOTHING, jd: 5, kind: 'limit', diffmaglim: 20, field: 600, rcid: 1 }),
  ])
  assert.deepEqual([points.length, countChannels(points)], [5, 2])
})

const NOTHING = { magpsf: null, sigmapsf: null, isdiffpos: null }

/** Forced photometry at the JDs 1, 2, ..., with an error of 10 and a zero point of 25. */
function forced(forcediffimflux: number, i: number): CurveRow {
  return curveRow({ ...NOTHING, jd: i + 1, kind: 'forced', forcediffimflux, forcediffimfluxunc: 10, magzpsci: 25 })
}

function assertClose(found: number | undefined, expected: number): void {
  assert.ok(found !== undefined && Math.abs(found - expected) < 1e-6 * Math.abs(expected), `${found}, not ${expected}`)
}
