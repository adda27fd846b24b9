import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInReference, panelsOf, placedIn } from '../../lib/look/panels.ts'
import { type Point, pointsOf } from '../../lib/look/points.ts'
import { curveRow } from '../support/object-data.ts'

const NEAR = { magnr: 18, distnr: 0.2, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05 }

test('apparent magnitudes are shown if most detections have a near reference source', () => {
  const near = (count: number) => points(Array.from({ length: 10 }, (_, i) => (i < count ? NEAR : { distnr: 5 })))
  assert.deepEqual([near(8), near(7)].map(isInReference), [true, false])
  assert.deepEqual([near(8), near(7)].map(panelsOf), [['apparent', 'flux'], ['difference']])
})

test('limits do not count, and without detections forced photometry does', () => {
  const limit = { kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: 20 }
  const forced = { ...limit, kind: 'forced', forcediffimflux: 90, forcediffimfluxunc: 5, magzpsci: 26, magnr: 18 }
  assert.ok(isInReference(points([NEAR, limit, limit, limit])))
  assert.ok(isInReference(points([limit, { ...forced, forceddistnr: 0.2 }])))
  assert.ok(!isInReference(points([limit, { ...forced, forceddistnr: 2 }])))
  assert.ok(!isInReference([]))
})

test('a difference below zero has no magnitude, but a flux', () => {
  const both = points([{ isdiffpos: 't' }, { isdiffpos: 'f' }])
  assert.deepEqual(panelsOf(both), ['difference', 'flux'])
  assert.deepEqual([placedIn('difference', both).length, placedIn('flux', both).length], [1, 2])
  assert.ok(Number(placedIn('flux', both)[1]?.y) < 0)
})

test('there is no panel without points', () => {
  assert.deepEqual(panelsOf(points([{ isdiffpos: 'f' }])), ['flux'])
  assert.deepEqual(panelsOf([]), [])
})

test('an outburst is brighter than quiescence, though the magnitude of its difference is fainter', () => {
  // ZTF17aaaedmd at MJD 58760 and 58600, in r.
  const [quiet, outburst] = placedIn(
    'apparent',
    points([
      { ...NEAR, magpsf: 13.07, isdiffpos: 'f', magpsf_corr: 16.5 },
      { ...NEAR, magpsf: 15.06, isdiffpos: 't', magpsf_corr: 12.9 },
    ]),
  )
  assert.ok(Number(outburst?.y) < Number(quiet?.y))
})

test('apparent magnitudes below 3 sigma are faint, and below 1 sigma too faint', () => {
  const mags = [0.3, 0.5, 1.2].map(sigmapsf_corr_ext => ({ ...NEAR, sigmapsf_corr_ext }))
  const placed = placedIn('apparent', points([...mags, { ...NEAR, magpsf_corr: null, sigmapsf_corr_ext: null }]))
  assert.deepEqual(
    placed.map(({ y, isFaint }) => [y, isFaint]),
    [
      [17.6, false],
      [17.6, true],
      [undefined, true],
      [undefined, true],
    ],
  )
})

function points(rows: Parameters<typeof curveRow>[0][]): Point[] {
  return pointsOf(rows.map((row, i) => curveRow({ jd: 2458300 + i, ...row })))
}
