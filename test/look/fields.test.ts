import assert from 'node:assert/strict'
import { test } from 'node:test'
import { facts, formatPosition, mainFields, summary } from '../../lib/look/fields.ts'
import { curveRow, objectData } from '../support/object-data.ts'

test('a missing value among several is a dash', () => {
  assert.equal(shown({ sgmag1: -999, srmag1: -999, simag1: 21.78 })['sgmag1, srmag1, simag1']?.value, '–, –, 21.78')
})

test('missing fields are left out', () => {
  const fields = shown({ magnr: null, drb: -999, ssnamenr: 'null', ssdistnr: 5, rb: 0.5 })
  for (const name of ['magnr', 'drb', 'ssnamenr', 'ssdistnr', 'sgmag1, srmag1, simag1'])
    assert.equal(fields[name], undefined)
  assert.equal(fields.rb?.value, '0.500')
})

test('the time and the direction of the change are described', () => {
  const { jd, magpsf, fid } = shown({ jd: 2458312.8084, magpsf: 18.9, sigmapsf: 0.05, isdiffpos: 'f', fid: 2 })
  assert.equal(jd?.description, 'MJD 58312.30840, 2018-07-13 07:24:05 UTC')
  assert.deepEqual([magpsf?.value, magpsf?.description], ['18.900 ± 0.050', 'mag, fainter than the reference'])
  assert.equal(fid?.value, 'r')
})

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
  assert.deepEqual(Object.keys(factsOf(objectData({ points: [], candidate: {} }))), ['detections'])
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

test('the summary names the selected nights', () => {
  assert.match(summary(objectData({ selected: '2020' })), /nights 20240322 to 20240509, selected by NIGHTS=2020$/)
  assert.match(summary(objectData()), /, nights 20240322 to 20240509$/)
})

test('the summary of one alert says how many the object has', () => {
  const data = objectData({ alerts: 1200, shownAlerts: 1, nights: ['20240322', '20240322'] })
  assert.match(summary(data), /^1 of 1,200 alerts in the lake, night 20240322$/)
  assert.equal(mainFields(data)[0]?.description, '1,200 alerts in the lake')
})

test('a position is given in hours and degrees, and in degrees', () => {
  assert.deepEqual(formatPosition(objectData()), ['12:30:49.45 +12:23:28.0', '187.706042, 12.391123'])
  assert.deepEqual(formatPosition(objectData({ candidate: {} })), [])
})

function shown(candidate: Record<string, string | number | null>) {
  return Object.fromEntries(mainFields(objectData({ candidate })).map(field => [field.name, field]))
}

function factsOf(data: ReturnType<typeof objectData>) {
  return Object.fromEntries(facts(data).map(field => [field.name, field]))
}
