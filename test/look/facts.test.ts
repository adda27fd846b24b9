import assert from 'node:assert/strict'
import { test } from 'node:test'
import { facts } from '../../lib/look/facts.ts'
import { curveRow, objectData } from '../support/object-data.ts'

test('the facts have the galactic position, the first, last and brightest detection, and counts', () => {
  const found = factsOf(objectData())
  const detections = objectData().points.filter(({ kind }) => kind === 'detection')
  const counts = ['g', 'r', 'i'].map(band => `${detections.filter(point => point.band === band).length} in ${band}`)
  assert.equal(found.detections?.value, counts.join(', '))
  assert.equal(found.limits?.value, String(objectData().points.length - detections.length))
  assert.equal(found['galactic l, b']?.value, '283.7781, 74.4912')
  assert.match(found['first detection']?.value ?? '', /^2024-03-\d\d, MJD 60\d{3}\.\d{3}$/)
  const brightest = Math.min(...detections.filter(({ band }) => band === 'g').map(({ mag }) => mag))
  assert.ok(found['brightest in g']?.value.startsWith(`${brightest.toFixed(2)} ± `))
  assert.deepEqual(Object.keys(factsOf(objectData({ rows: [], candidate: {} }))), ['detections'])
})

test('the brightest apparent magnitude is that of the outburst, not of the largest difference', () => {
  const values = { magnr: 15, distnr: 0.2, sigmapsf_corr_ext: 0.02 }
  const rows = [
    curveRow({ ...values, jd: 2458300, magpsf: 15.1, isdiffpos: 'f', magpsf_corr: 17.6 }),
    curveRow({ ...values, jd: 2458301, magpsf: 16, isdiffpos: 't', magpsf_corr: 14.6 }),
  ]
  const { value, description } = factsOf(objectData({ rows }))['brightest in g'] ?? {}
  assert.deepEqual([value, description?.startsWith('mag, apparent, 2018-07-01')], ['14.60 ± 0.02', true])
})

test('the counts are those of the table, and say how many are drawn', () => {
  const limit = { kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null }
  const forced = { ...limit, kind: 'forced', forcediffimflux: 90, forcediffimfluxunc: 5 }
  const rows = [
    curveRow({ ...limit, diffmaglim: 20 }),
    curveRow({ ...limit, diffmaglim: -1006.91 }),
    curveRow({ ...forced, magzpsci: 26 }),
    curveRow(forced),
    curveRow({ ...forced, magzpsci: null, forcediffimflux: null }),
  ]
  const { limits, 'forced photometry': photometry, detections } = factsOf(objectData({ rows }))
  assert.deepEqual([limits?.value, photometry?.value, detections?.value], ['2', '3', 'none'])
  assert.match(limits?.description ?? '', /; 1 drawn, the rest has no valid value$/)
  assert.match(photometry?.description ?? '', /; 1 drawn/)
  assert.doesNotMatch(detections?.description ?? '', /drawn/)
})

function factsOf(data: ReturnType<typeof objectData>) {
  return Object.fromEntries(facts(data).map(field => [field.name, field]))
}
