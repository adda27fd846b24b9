import assert from 'node:assert/strict'
import { test } from 'node:test'
import { curveNotes } from '../../lib/look/curve-notes.ts'
import { pointsOf } from '../../lib/look/points.ts'
import { curveRow } from '../support/object-data.ts'

const NEAR = { magnr: 18, distnr: 0.2, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05, field: 523, rcid: 41 }
const FAR = { distnr: 9, field: 523, rcid: 41 }
const LIMIT = { kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: 20 }
const STAR = { sgscore1: 0.99, distpsnr1: 0.1 }

test('the notes say which magnitudes are shown, and what up means', () => {
  assert.match(notes([NEAR]), /^Up is brighter\. Upper panel: apparent magnitude/)
  assert.match(notes([FAR]), /^Up is brighter\. No detection has a source of the reference image within 1\.4 px/)
  assert.match(
    notes([FAR, { ...FAR, isdiffpos: 'f' }]),
    /they are the negative ones in the panel of the difference flux/,
  )
  assert.match(notes([FAR, { ...FAR, ...LIMIT }]), /These are no upper limits/)
  assert.match(notes([NEAR, FAR]), /Only 1 of 2 detections have a source/)
  assert.equal(curveNotes({ points: [], candidate: {} }).length, 0)
})

test('the notes say where apparent magnitudes do not hold, and nothing if they do', () => {
  const many = Array.from({ length: 9 }, () => NEAR)
  const clean = notes(many)
  for (const [pattern, text] of [
    [/1 detection of 10 have no source/, notes([...many, FAR])],
    [
      /In 1 detection the difference cancels/,
      notes([...many, { ...NEAR, magpsf_corr: null, sigmapsf_corr_ext: null }]),
    ],
    [
      /different magnitudes in the reference images of the channels \(g: 18\.00 to 18\.41\)/,
      notes([...many, { ...NEAR, magnr: 18.41 }]),
    ],
    [/probably a galaxy/, notes(many, { sgscore1: 0.1, distpsnr1: 0.3 })],
    [/They are in the lower panel/, notes([...many, LIMIT])],
    [/^Pale symbols/m, notes([...many, { ...NEAR, sigmapsf_corr_ext: 0.5 }])],
    [/These are no upper limits/, notes([...many, LIMIT])],
    [
      /from 2 readout channels \(field, rcid\), each with its own reference image/,
      notes([...many, { ...NEAR, rcid: 7 }]),
    ],
  ] as const) {
    assert.match(text, pattern)
    assert.doesNotMatch(clean, pattern)
  }
})

test('a galaxy that is not near, and a missing star score, are not mentioned', () => {
  for (const candidate of [{ sgscore1: 0.1, distpsnr1: 4 }, { sgscore1: -999, distpsnr1: -999 }, {}])
    assert.doesNotMatch(notes([NEAR], candidate), /galaxy/)
})

test('the dashed lines have the channels of their reference images', () => {
  const shown = notes([{ ...NEAR, magnr: 18.3, rcid: 7 }, NEAR, { ...NEAR, rcid: 42 }])
  assert.match(shown, /by \(field rcid\): g 18\.00 \(523 41, 523 42\), 18\.30 \(523 7\)\.$/m)
  assert.doesNotMatch(notes([FAR]), /Dashed/)
})

test('a near solar system object is named, because limits belong to the position', () => {
  const asteroid = { ssnamenr: '120198', ssdistnr: 0 }
  assert.match(notes([FAR], asteroid), /^The alert is 0\.0 arcsec from the solar system object 120198\. /)
  for (const candidate of [
    { ...asteroid, ssdistnr: 12 },
    { ssnamenr: 'null', ssdistnr: -999 },
  ])
    assert.doesNotMatch(notes([FAR], candidate), /solar system/)
})

function notes(rows: Parameters<typeof curveRow>[0][], candidate: Record<string, unknown> = STAR): string {
  const points = pointsOf(rows.map((row, i) => curveRow({ jd: 2458300 + i, ...row })))
  return curveNotes({ points, candidate }).join('\n')
}
