import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFainter } from '../../lib/curve/bands.ts'
import type { CurveRow } from '../../lib/curve/merge.ts'
import { countChannels, pointsOf } from '../../lib/look/light-curve.ts'

const EMPTY = { magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: null, candid: null, field: null, rcid: null }

test('a forced flux of at least 3 sigma is a magnitude, a smaller one a 5 sigma limit', () => {
  const [bright, negative, faint, ...limits] = pointsOf([100, -100, 30, 29, -29].map(forced))
  const error = (0.1 * 2.5) / Math.LN10
  assert.deepEqual(bright, { jd: 1, band: 'g', kind: 'forced', mag: 20, error, isFainter: false })
  assert.deepEqual(negative, { jd: 2, band: 'g', kind: 'forced', mag: 20, error, isFainter: true })
  assert.equal(faint?.kind, 'forced')
  const limit = { kind: 'forced limit', mag: 25 - 2.5 * Math.log10(50), error: 0, isFainter: false }
  assert.deepEqual(
    limits,
    [4, 5].map(jd => ({ jd, band: 'g', ...limit })),
  )
})

test('a detection has its magnitude and error, a limit the limiting magnitude', () => {
  const points = pointsOf([
    row({ jd: 1, kind: 'detection', magpsf: 19.5, sigmapsf: 0.25, isdiffpos: 'f', diffmaglim: 20, candid: 7n }),
    row({ jd: 2, kind: 'limit', diffmaglim: 20.5 }),
  ])
  assert.deepEqual(points, [
    { jd: 1, band: 'g', kind: 'detection', mag: 19.5, error: 0.25, isFainter: true, candid: 7n },
    { jd: 2, band: 'g', kind: 'limit', mag: 20.5, error: 0, isFainter: false },
  ])
})

test('isdiffpos f or 0 is fainter than the reference', () => {
  assert.deepEqual(['t', '1', 'f', '0', null].map(isFainter), [false, false, true, true, false])
})

test('rows with missing values or an unknown filter are not drawn', () => {
  const points = pointsOf([
    row({ jd: 1, kind: 'detection', candid: 1n, magpsf: 19, sigmapsf: 0.5 }),
    row({ jd: 2, kind: 'limit' }),
    row({ jd: 3, kind: 'limit', band: null, diffmaglim: 20 }),
    row({ jd: 4, kind: 'detection', candid: 2n, magpsf: 19 }),
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
  const channels = countChannels([
    row({ jd: 1, kind: 'detection', field: 523, rcid: 41 }),
    row({ jd: 2, kind: 'detection', field: 523, rcid: 41 }),
    row({ jd: 3, kind: 'detection', field: 523, rcid: 40 }),
    row({ jd: 4, kind: 'detection', field: null, rcid: null }),
    row({ jd: 5, kind: 'limit', field: 600, rcid: 1 }),
  ])
  assert.equal(channels, 2)
})

function row(values: Partial<CurveRow>): CurveRow {
  return { ...EMPTY, fid: 1, band: 'g', ...values } as CurveRow
}

/** Forced photometry at the JDs 1, 2, ..., with an error of 10 and a zero point of 25. */
function forced(forcediffimflux: number, i: number): CurveRow {
  return row({ jd: i + 1, kind: 'forced', forcediffimflux, forcediffimfluxunc: 10, magzpsci: 25 })
}
