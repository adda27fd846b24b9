import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePoint } from '../../lib/look/describe.ts'
import { type Point, pointsOf } from '../../lib/look/points.ts'
import { curveRow } from '../support/object-data.ts'

const VALUES = { magnr: 18, distnr: 0.25, magpsf_corr: 17.6, sigmapsf_corr_ext: 0.05, candid: 516401800615015114n }

test('a detection is described with all that is known about it', () => {
  assert.deepEqual(describe({ ...VALUES, drb: 0.9, field: 523, rcid: 41, isdiffpos: 'f' }), {
    date: '2018-06-30 12:00:00 UTC',
    MJD: '58299.50000',
    band: 'g',
    kind: 'detection',
    apparent: '17.600 ± 0.050 mag',
    difference: '19.000 ± 0.100 mag (fainter)',
    drb: '0.900',
    distnr: '0.25 px',
    'field, rcid': '523, 41',
    candid: '516401800615015114',
  })
})

test('a limit has its magnitude, and what is missing is left out', () => {
  const limit = { kind: 'limit', magpsf: null, sigmapsf: null, isdiffpos: null, diffmaglim: 20.5 }
  const { limit: shown, kind, ...rest } = describe(limit)
  assert.deepEqual([shown, kind], ['20.500 mag, 5 sigma', 'limit: no detection in the alerts'])
  assert.deepEqual(Object.keys(rest), ['date', 'MJD', 'band'])
})

test('a faint or missing apparent magnitude is described as such', () => {
  assert.equal(describe({ ...VALUES, sigmapsf_corr_ext: 0.5 }).apparent, '17.600 ± 0.500 mag, below 3 sigma')
  const tooFaint = describe({ ...VALUES, sigmapsf_corr_ext: 2 }).apparent
  assert.equal(tooFaint, 'too faint to measure: 17.600 ± 2.000 mag, below 1 sigma')
  assert.equal(describe({ ...VALUES, magpsf_corr: null }).apparent, 'too faint to measure')
})

function describe(values: Parameters<typeof curveRow>[0]): Record<string, string> {
  return Object.fromEntries(describePoint(pointsOf([curveRow(values)])[0] as Point))
}
