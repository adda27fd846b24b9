import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Manifest } from '../../lib/lake/manifest.ts'
import { summarize } from '../../lib/lake/summaries.ts'
import { parseNight } from '../../lib/night.ts'
import type { NightStatus } from '../../lib/nights/status.ts'
import { overviewOf } from '../../lib/report/overview.ts'
import { makeSurvey } from '../support/survey.ts'

const RUN = { ended: 0, seconds: 2, nights: 1, alerts: 100, tarballBytes: 5000 }
const CONTEXT = { made: 0, runs: [], data: 'data' }

test('an overview has the latest eight runs, oldest first', () => {
  const runs = Array.from({ length: 10 }, (_, i) => ({ ...RUN, ended: i }))
  const kept = overviewOf([], () => true, { ...CONTEXT, runs }).runs.map(({ ended }) => ended)
  assert.deepEqual(kept, [2, 3, 4, 5, 6, 7, 8, 9])
})

test('a night that was moved is in the lake, with a note that says where its files are', () => {
  const { manifest, ...night } = conversion()
  const moved = { ...(manifest ?? assert.fail()), movedTo: 's3://bucket/ztf' }
  const [{ state, notes, lake } = assert.fail()] = overviewOf(
    [{ ...night, manifest: moved }],
    () => true,
    CONTEXT,
  ).nights
  assert.deepEqual([state, notes, lake?.alerts], ['lake', ['its files were moved to s3://bucket/ztf'], 100])
})

/** A converted night. */
function conversion(): NightStatus {
  const [survey] = makeSurvey('20191004', '20191004', 1).manifests as [Manifest]
  return {
    night: parseNight(survey.tarball) as NightStatus['night'],
    state: 'lake',
    manifest: summarize({ ...survey, alerts: 100 }),
    converted: 0,
    onDisk: false,
    republished: false,
    ...{ row: undefined, size: undefined, broken: undefined, failure: undefined },
  }
}
