import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { summarize } from '../../lib/lake/summaries.ts'
import { parseNight } from '../../lib/night.ts'
import type { NightStatus } from '../../lib/nights/status.ts'
import { overviewOf, type Run } from '../../lib/report/overview.ts'
import { makeSurvey } from '../support/survey.ts'

const MINUTE = 60_000

test('conversions that overlap or follow soon are one run', () => {
  const runs = runsOf([conversion(12, 60), conversion(2, 120), conversion(3, 60)])
  assert.deepEqual(runs, [{ start: 0, end: 12 * MINUTE, nights: 3, alerts: 300, bytes: 15_000 }])
})

test('a pause of more than ten minutes ends a run, a night of more than ten minutes does not', () => {
  const runs = runsOf([conversion(1, 60), conversion(90, 60), conversion(130, 30 * 60)])
  assert.deepEqual(
    runs.map(({ start, nights }) => [start / MINUTE, nights]),
    [
      [0, 1],
      [89, 2],
    ],
  )
})

test('an overview without conversions has no runs', () => {
  assert.deepEqual(runsOf([]), [])
})

test('a night that was moved is in the lake, with a note that says where its files are', () => {
  const { manifest, ...night } = conversion(2, 60)
  const moved = { ...(manifest ?? assert.fail()), movedTo: 's3://bucket/ztf' }
  const [{ state, notes, lake } = assert.fail()] = overviewOf([{ ...night, manifest: moved }], () => true, 0).nights
  assert.deepEqual([state, notes, lake?.alerts], ['lake', ['its files were moved to s3://bucket/ztf'], 100])
})

/** A night whose conversion ended `minute` minutes after the epoch. */
function conversion(minute: number, seconds: number): NightStatus {
  const [survey] = makeSurvey('20191004', '20191004', 1).manifests as [Manifest]
  return {
    night: parseNight(survey.tarball) as NightStatus['night'],
    state: 'lake',
    manifest: summarize({ ...survey, seconds, alerts: 100, tarballBytes: 5000 }),
    converted: minute * MINUTE,
    onDisk: false,
    republished: false,
    ...{ row: undefined, size: undefined, broken: undefined, failure: undefined },
  }
}

function runsOf(nights: readonly NightStatus[]): readonly Run[] {
  return overviewOf(nights, () => true, 0).runs
}
