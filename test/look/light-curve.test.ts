import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { DuckDB } from '../../lib/core/duckdb.ts'
import { bandOf, countChannels, isFainter, lightCurve } from '../../lib/look/light-curve.ts'

test('a forced flux of at least 3 sigma is a magnitude, a smaller one a 5 sigma limit', async t => {
  const database = await objectAlerts(t, [alert(exposure({ jd: 1 }), [exposure({ jd: 1 })], [100, -100, 30, 29, -29])])
  const [bright, negative, faint, ...limits] = await lightCurve(database)
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

test('isdiffpos f or 0 is fainter than the reference', () => {
  assert.deepEqual(['t', '1', 'f', '0', null].map(isFainter), [false, false, true, true, false])
})

test('an unknown filter id has no band', () => {
  assert.deepEqual([1, 2, 3, 4, 0, null].map(bandOf), ['g', 'r', 'i', undefined, undefined, undefined])
})

test('an exposure that one alert has as a limit and another as a detection is a detection', async t => {
  const limit = exposure({ jd: 1, diffmaglim: 20 })
  const detection = exposure({ jd: 1, candid: 7, magpsf: 19.5, sigmapsf: 0.25 })
  const database = await objectAlerts(t, [
    alert(exposure({ jd: 2, candid: 8, magpsf: 19.25, sigmapsf: 0.5 }), [limit]),
    alert(exposure({ jd: 3, candid: 9, magpsf: 19, sigmapsf: 0.5 }), [detection]),
  ])
  const points = await lightCurve(database)
  assert.deepEqual(
    points.map(({ jd, kind, mag }) => [jd, kind, mag]),
    [
      [1, 'detection', 19.5],
      [2, 'detection', 19.25],
      [3, 'detection', 19],
    ],
  )
})

test('points with missing values or an unknown filter are dropped', async t => {
  const database = await objectAlerts(t, [
    alert(exposure({ jd: 1, candid: 1, magpsf: 19, sigmapsf: 0.5 }), [
      exposure({ jd: 2, diffmaglim: -999 }),
      exposure({ jd: 3, fid: 4, diffmaglim: 20 }),
      exposure({ jd: 4, candid: 2, magpsf: 19 }),
    ]),
  ])
  assert.deepEqual(
    (await lightCurve(database)).map(({ jd }) => jd),
    [1],
  )
})

test('readout channels are counted for detections, not for limits', async t => {
  const database = await objectAlerts(t, [
    alert(exposure({ jd: 1, candid: 1, field: 523, rcid: 41 }), [
      exposure({ jd: 2, candid: 2, field: 523, rcid: 41 }),
      exposure({ jd: 3, candid: 3, field: 523, rcid: 40 }),
      exposure({ jd: 4, field: 600, rcid: 1 }),
    ]),
  ])
  assert.equal(await countChannels(database), 2)
})

interface Exposure {
  readonly jd: number
  readonly fid?: number
  readonly candid?: number
  readonly magpsf?: number
  readonly sigmapsf?: number
  readonly diffmaglim?: number
  readonly field?: number
  readonly rcid?: number
}

/** A struct in SQL; missing fields are null. */
function exposure({ jd, fid = 1, ...rest }: Exposure): string {
  const value = (name: keyof typeof rest, type: string) => `${name}: ${rest[name] ?? 'null'}::${type}`
  const mags = (['magpsf', 'sigmapsf', 'diffmaglim'] as const).map(name => value(name, 'double'))
  const ids = (['candid', 'field', 'rcid'] as const).map(name => value(name, 'bigint'))
  return `{jd: ${jd}::double, fid: ${fid}, isdiffpos: 't', ${[...mags, ...ids].join(', ')}}`
}

/** @param fluxes forced fluxes at the JDs 1, 2, ..., with an error of 10 and a zero point of 25 */
function alert(candidate: string, earlier: readonly string[], fluxes: readonly number[] = []): string {
  const forced = fluxes.map(
    (flux, i) => `{jd: ${i + 1}, fid: 1, pid: 1, forcediffimflux: ${flux}, forcediffimfluxunc: 10, magzpsci: 25}`,
  )
  return `select ${candidate} as candidate, [${earlier.join(', ')}] as prv_candidates, [${forced.join(', ')}]
    ::struct(jd double, fid int, pid bigint, forcediffimflux float, forcediffimfluxunc float, magzpsci float)[] as fp_hists`
}

async function objectAlerts(t: TestContext, alerts: readonly string[]): Promise<DuckDB> {
  const database = await DuckDB.open()
  t.after(() => database.close())
  await database.query(`create table object_alerts as ${alerts.join(' union all ')}`)
  return database
}
