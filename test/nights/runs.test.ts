import assert from 'node:assert/strict'
import { appendFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readRuns, recordRun } from '../../lib/nights/runs.ts'
import { Paths } from '../../lib/paths.ts'
import { temporaryFolder } from '../support/folder.ts'

const RUN = { ended: 1000, seconds: 12, nights: 3, alerts: 1632, tarballBytes: 24_000 }

test('recorded runs are read in order, without a line that was cut', async t => {
  const paths = new Paths(await temporaryFolder(t))
  assert.deepEqual(await readRuns(paths), [])
  await recordRun(paths, RUN)
  await recordRun(paths, { ...RUN, ended: 2000 })
  await appendFile(paths.runs, '{"ended":30')
  assert.deepEqual(await readRuns(paths), [RUN, { ...RUN, ended: 2000 }])
})
