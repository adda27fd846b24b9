import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eta, progressLine, progressLines, type StageProgress } from '../../lib/progress/model.ts'

const GIB = 1 << 30
const MIB = 1 << 20

const CONVERTING: StageProgress = {
  verb: 'converting',
  nights: 20,
  done: 3,
  failed: 0,
  bytes: 12 * GIB,
  of: 48 * GIB,
  rate: 240 * MIB,
  running: [
    { stem: 'ztf_public_20200101', bytes: 1.25 * GIB, of: 8.75 * GIB, alerts: 25_000, rate: 120 * MIB },
    { stem: 'ztf_public_20200102', bytes: 512 * MIB, of: 2 * GIB, alerts: 1, rate: 120 * MIB },
  ],
}
const FETCHING: StageProgress = {
  ...CONVERTING,
  verb: 'fetching',
  failed: 2,
  running: [{ stem: 'ztf_public_20200103', bytes: 0, of: GIB, waits: true }],
}

test('shows a line for each stage of a run and each of its nights', () => {
  assert.deepEqual(progressLines([FETCHING, CONVERTING]), [
    'fetching 3 of 20 nights, 2 failed  [##------]      12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
    '  ztf_public_20200103              [--------]          0 of 1.0 GiB                                 waiting',
    'converting 3 of 20 nights          [##------]      12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
    '  ztf_public_20200101              [#-------]        1.3 of 8.8 GiB  2 min left  120.0 MiB/s  25,000 alerts',
    '  ztf_public_20200102              [##------]  512.0 MiB of 2.0 GiB   13 s left  120.0 MiB/s        1 alert',
  ])
})

test('says how many lines do not fit', () => {
  assert.deepEqual(progressLines([FETCHING, CONVERTING], 5), progressLines([FETCHING, CONVERTING]))
  assert.deepEqual(progressLines([FETCHING, CONVERTING], 3), [
    ...progressLines([FETCHING, CONVERTING]).slice(0, 2),
    '  and 3 lines more',
  ])
})

test('leaves out the bars and then the sizes if the time left would not fit', () => {
  const headings = (columns: number) =>
    progressLines([FETCHING, CONVERTING], 9, columns).filter(line => !/^ /.test(line))
  assert.deepEqual(headings(79), headings(200))
  assert.deepEqual(headings(78), [
    'fetching 3 of 20 nights, 2 failed      12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
    'converting 3 of 20 nights              12.0 of 48.0 GiB  3 min left  240.0 MiB/s',
  ])
  for (const columns of [66, 20])
    assert.deepEqual(headings(columns), [
      'fetching 3 of 20 nights, 2 failed  3 min left  240.0 MiB/s',
      'converting 3 of 20 nights          3 min left  240.0 MiB/s',
    ])
})

test('does not show a stage without nights', () => {
  assert.deepEqual(progressLines([{ ...CONVERTING, nights: 0, done: 0, bytes: 0, of: 0, running: [] }]), [])
})

test('names the first nights of a stage in one line', () => {
  assert.equal(
    progressLine(CONVERTING),
    'at work   converting 3 of 20 nights done; ztf_public_20200101 1.3 of 8.8 GiB, 25,000 alerts; ' +
      'ztf_public_20200102 512.0 MiB of 2.0 GiB, 1 alert; 240.0 MiB/s, 3 min left',
  )
  const running = Array.from({ length: 64 }, (_, i) => ({ stem: `night ${i}`, bytes: 1, of: 2, alerts: 3 }))
  assert.match(progressLine({ ...CONVERTING, running }), /night 2 1 of 2 B, 3 alerts; 61 more; 240\.0 MiB\/s/)
  assert.match(
    progressLine(FETCHING),
    /fetching 3 of 20 nights, 2 failed done; ztf_public_20200103 0 of 1\.0 GiB, waiting;/,
  )
})

test('gives the time left in words, if it is known', () => {
  assert.deepEqual(
    [1, 59.5, 61, 5400, 49 * 3600, 1e9].map(seconds => eta(seconds * 1000, 1000)[0]),
    ['1 s left', '60 s left', '2 min left', '2 h left', '3 days left', '11,575 days left'],
  )
  assert.deepEqual([eta(10, 0), eta(10, undefined), eta(0, 0), eta(-5, 0)], [[], [], [], []])
  assert.deepEqual(eta(-5, 10), ['0 s left'])
  for (const rate of [0, undefined, 1e-300])
    assert.doesNotMatch(
      [...progressLines([{ ...CONVERTING, rate, of: 0, bytes: 0 }]), progressLine({ ...CONVERTING, rate })].join(),
      /NaN|Inf/,
    )
})
