import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertsNotes, formatPosition, mainFields, summary } from '../../lib/look/fields.ts'
import { objectData, shownAlert } from '../support/object-data.ts'

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

test('the summary names the selected nights', () => {
  assert.match(summary(objectData({ selected: '2020' })), /nights 20240322 to 20240509, selected by NIGHTS=2020$/)
  assert.match(summary(objectData()), /, nights 20240322 to 20240509$/)
})

test('the summary of one alert says how many the object has', () => {
  const data = objectData({ alerts: 1200, shownAlerts: 1, nights: ['20240322', '20240322'] })
  assert.match(summary(data), /^1 of 1,200 alerts in the lake, night 20240322$/)
  assert.equal(mainFields(data)[0]?.description, '1,200 alerts in the lake')
})

test('the summary of an alert in two tarballs does not name a range of nights', () => {
  const data = objectData({ alerts: 1, shownAlerts: 1 })
  assert.equal(summary(data), '1 alert in the lake, in tarballs of the nights 20240322 and 20240509')
})

test('several alerts are said to be those of the lake, or of the selected nights', () => {
  const shown = [shownAlert(), shownAlert()]
  assert.match(alertsNotes(objectData({ shown })).join(), /newest of the alerts in the lake\./)
  assert.match(alertsNotes(objectData({ shown, selected: '2020' })).join(), /newest of the selected alerts\./)
  assert.deepEqual(alertsNotes(objectData()), [])
})

test('a position is given in hours and degrees, and in degrees', () => {
  assert.deepEqual(formatPosition(objectData()), ['12:30:49.45 +12:23:28.0', '187.706042, 12.391123'])
  assert.deepEqual(formatPosition(objectData({ candidate: {} })), [])
})

function shown(candidate: Record<string, string | number | null>) {
  return Object.fromEntries(mainFields(objectData({ candidate })).map(field => [field.name, field]))
}
