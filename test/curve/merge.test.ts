import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COLUMNS, LEAVES } from '../../lib/curve/columns.ts'
import { type CurveRow, mergeAlerts } from '../../lib/curve/merge.ts'
import type { AlertValues } from '../../lib/lake/alert-reader.ts'

type Fields = Record<string, unknown>

test('an exposure that one alert has as a limit and another as a detection is a detection', () => {
  const [first, second] = [
    { jd: 1, fid: 1 },
    { jd: 2, fid: 1 },
  ]
  const rows = mergeAlerts([
    alert({ jd: 8, fid: 1, candid: 8n }, [limit(first), limit(second)]),
    alert({ jd: 9, fid: 1, candid: 9n }, [{ ...first, candid: 1n, magpsf: 19.5 }, limit(second)]),
  ])
  assert.deepEqual(brief(rows), [
    [1, 'detection', 1n],
    [2, 'limit', null],
    [8, 'detection', 8n],
    [9, 'detection', 9n],
  ])
})

test('a limit in one band does not hide a detection in another at the same time', () => {
  const rows = mergeAlerts([alert({ jd: 9, fid: 2, candid: 9n }, [limit({ jd: 9, fid: 1 })])])
  assert.deepEqual(brief(rows), [
    [9, 'limit', null],
    [9, 'detection', 9n],
  ])
})

test('two detections of an exposure are both kept', () => {
  const rows = mergeAlerts([
    alert({ jd: 1, fid: 1, candid: 2n }, [limit({ jd: 1, fid: 1 })]),
    alert({ jd: 1, fid: 1, candid: 1n }, []),
  ])
  assert.deepEqual(brief(rows), [
    [1, 'detection', 1n],
    [1, 'detection', 2n],
  ])
})

test("a detection has its own alert's values, or else those of the newest alert that lists it", () => {
  const [own, other] = [
    { jd: 1, fid: 1, candid: 1n },
    { jd: 2, fid: 1, candid: 2n },
  ]
  const alerts = [
    alert({ ...own, magpsf: 19.12345 }, [{ ...other, magpsf: 7 }]),
    alert({ jd: 9, fid: 1, candid: 9n }, [
      { ...own, magpsf: 19.1235 },
      { ...other, magpsf: 18 },
    ]),
    alert({ jd: 8, fid: 1, candid: 8n }, [
      { ...own, magpsf: 19.1234 },
      { ...other, magpsf: 17 },
    ]),
  ]
  for (const order of [alerts, alerts.toReversed()]) {
    const mags = mergeAlerts(order).map(({ candid, magpsf }) => [candid, magpsf])
    assert.deepEqual(mags.slice(0, 2), [
      [1n, 19.12345],
      [2n, 18],
    ])
  }
})

test('the newest alert has the final forced photometry of an image', () => {
  const image = { jd: 1, fid: 1, pid: 5n }
  const alerts = [
    alert({ jd: 9, fid: 1, candid: 9n }, [], [{ ...image, forcediffimflux: 90 }]),
    alert(
      { jd: 8, fid: 1, candid: 8n },
      [],
      [
        { ...image, forcediffimflux: 80 },
        { ...image, pid: 6n },
      ],
    ),
  ]
  for (const order of [alerts, alerts.toReversed()]) {
    const forced = mergeAlerts(order).filter(({ kind }) => kind === 'forced')
    assert.deepEqual(
      forced.map(({ pid, forcediffimflux }) => [pid, forcediffimflux]),
      [
        [5n, 90],
        [6n, null],
      ],
    )
  }
})

test('rows are ordered by time, band and kind', () => {
  const early = { jd: 1, fid: 2 }
  const rows = mergeAlerts([
    alert(
      { jd: 2, fid: 1, candid: 1n },
      [limit(early), limit({ jd: 1, fid: 1 })],
      [
        { ...early, pid: 2n },
        { ...early, pid: 1n },
        { jd: 2, fid: 1, pid: 3n },
      ],
    ),
  ])
  assert.deepEqual(
    rows.map(({ jd, band, kind, pid }) => [jd, band, kind, pid]),
    [
      [1, 'g', 'limit', null],
      [1, 'r', 'limit', null],
      [1, 'r', 'forced', 1n],
      [1, 'r', 'forced', 2n],
      [2, 'g', 'detection', null],
      [2, 'g', 'forced', 3n],
    ],
  )
})

test('missing values are null, however their list encodes them', () => {
  const [forced, detection] = mergeAlerts([
    alert(
      { jd: 2, fid: 4, candid: 1n, magpsf: -999, magzpsci: Number.NaN, sigmapsf: Number.POSITIVE_INFINITY, ra: 0 },
      [],
      [{ jd: 1, fid: 3, forcediffimflux: -999, forcediffimfluxunc: -99_999, procstatus: '61' }],
    ),
  ])
  const { magpsf, magzpsci, sigmapsf, ra, band, mjd } = detection as CurveRow
  assert.deepEqual([magpsf, magzpsci, sigmapsf, ra, band, mjd], [null, null, null, 0, null, 2 - 2_400_000.5])
  const { forcediffimflux, forcediffimfluxunc, procstatus, candid } = forced as CurveRow
  assert.deepEqual([forcediffimflux, forcediffimfluxunc, procstatus, candid], [-999, null, '61', null])
})

test('an alert without histories, or of a schema without the fields, has one row with every column', () => {
  const nothing = new Map<string, unknown>([
    ...LEAVES.map((leaf): [string, unknown] => [leaf, null]),
    ['objectId', 'ZTF18aaxcyzb'],
    ['candid', 1n],
    ['candidate.jd', 5],
  ])
  const rows = mergeAlerts([nothing])
  assert.deepEqual(brief(rows), [[5, 'detection', 1n]])
  assert.deepEqual(Object.keys(rows[0] ?? {}).sort(), COLUMNS.map(({ name }) => name).sort())
})

test('the distance of the reference source is in pixels for detections; forced photometry has a column in arcsec', () => {
  const rows = mergeAlerts([
    alert({ jd: 9, fid: 1, candid: 9n, distnr: 1 }, [], [{ jd: 1, fid: 1, pid: 1n, distnr: 2 }]),
  ])
  assert.deepEqual(
    rows.map(({ distnr, forceddistnr }) => [distnr, forceddistnr]),
    [
      [null, 2],
      [1, null],
    ],
  )
})

/** An alert as it is read from the lake. */
function alert(candidate: Fields, previous: readonly Fields[], forced: readonly Fields[] = []): AlertValues {
  const lists: Record<string, readonly Fields[]> = { prv_candidates: previous, fp_hists: forced }
  const value = (leaf: string) => {
    const [source = '', field = ''] = leaf.split('.')
    if (!field) return leaf === 'objectId' ? 'ZTF18aaxcyzb' : candidate.candid
    return lists[source] ? lists[source].map(row => row[field] ?? null) : (candidate[field] ?? null)
  }
  return new Map(LEAVES.map(leaf => [leaf, value(leaf)]))
}

function limit(exposure: Fields): Fields {
  return { ...exposure, candid: null, diffmaglim: 20 }
}

function brief(rows: readonly CurveRow[]): unknown[] {
  return rows.map(({ jd, kind, candid }) => [jd, kind, candid])
}
