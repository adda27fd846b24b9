import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { RunFolder } from '../../lib/cluster/run-folder.ts'
import { ClusterTask } from '../../lib/cluster/task.ts'
import { temporaryFolder } from '../support/folder.ts'

const SIZES = { ztf_public_20200101: 30, ztf_public_20200102: 90, ztf_public_20200103: 60 }
const NIGHTS = Object.entries(SIZES).map(([stem, mib]) => {
  return { stem, bytes: mib << 20, inLake: false, listed: undefined }
})

test('takes a share of the nights by size, so that all tasks together have each night once', async t => {
  const { joinAs } = await startRun(t)
  assert.deepEqual(await stemsOf(joinAs(0, 2)), ['ztf_public_20200102'])
  assert.deepEqual(await stemsOf(joinAs(1, 2)), ['ztf_public_20200103', 'ztf_public_20200101'])
})

test('reports that it begins, and its results', async t => {
  const { run, joinAs } = await startRun(t)
  const task = await joinAs(1, 2)
  await task.begin(4)
  await task.report({ stem: 'ztf_public_20200103', line: 'converted ztf_public_20200103' })
  const [began, ...results] = await run.eventsOf(1)
  assert.ok(began && 'began' in began)
  assert.equal(began.began.size, 2)
  assert.match(began.began.line, /^task 2 of 2 on \S+: 2 nights, 90\.0 MiB, 4 workers$/)
  assert.deepEqual(results, [{ stem: 'ztf_public_20200103', line: 'converted ztf_public_20200103' }])
})

test('reports nothing if there are more tasks than nights and none is left for it', async t => {
  const { run, joinAs } = await startRun(t)
  const task = await joinAs(4, 5)
  await task.begin(4)
  assert.deepEqual([task.nights, await run.eventsOf(4)], [[], []])
})

/** Starts a run, whose tasks do not watch it: the test's process must not exit with it. */
async function startRun(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const lock = join(await temporaryFolder(t), 'lock/lake')
  const run = await RunFolder.make({ lock, id: 'an-id', settings: {}, nights: NIGHTS })
  return { run, joinAs: (rank: number, size: number) => ClusterTask.join(run.path, { rank, size }) }
}

async function stemsOf(task: Promise<ClusterTask>): Promise<string[]> {
  return (await task).nights.map(({ stem }) => stem)
}
