import assert from 'node:assert/strict'
import { appendFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { maxTasks, type Plan, RunFolder } from '../../lib/cluster/run-folder.ts'
import { temporaryFolder } from '../support/folder.ts'

const NIGHTS = ['ztf_public_20200101', 'ztf_public_20200102'].map(stem => night(stem))
const RESULT = { stem: 'ztf_public_20200101', line: 'converted ztf_public_20200101' }

test('gives every task the plan, and a file for its events', async t => {
  const { plan, run } = await makeRun(t)
  const task = new RunFolder(run.path)
  assert.deepEqual(await task.readPlan(), plan)
  assert.equal(await task.exists(), true)
  assert.deepEqual((await readdir(run.path)).sort(), ['plan.json', 'task-0', 'task-1'])
  assert.deepEqual(await task.eventsOf(1), [])
})

test('stops a task whose run has ended', async t => {
  const { run } = await makeRun(t)
  await rm(run.path, { recursive: true })
  assert.equal(await run.exists(), false)
  await assert.rejects(run.readPlan(), /has ended, so this task stops$/)
})

test('lets one task claim each rank', async t => {
  const { run } = await makeRun(t)
  await run.claim({ rank: 0, size: 2 })
  await run.claim({ rank: 1, size: 2 })
  await assert.rejects(run.claim({ rank: 0, size: 2 }), /^Error: the launcher has started task 1 of 2 twice$/)
})

test('refuses a task that is given another number of tasks', async t => {
  const { run } = await makeRun(t)
  await run.claim({ rank: 0, size: 2 })
  await assert.rejects(run.claim({ rank: 1, size: 3 }), /gives this task 3 as the number of tasks, and another one 2$/)
})

test('reads the events of a task up to one that is incomplete', async t => {
  const { run } = await makeRun(t)
  const line = `${JSON.stringify(RESULT)}\n`
  await appendFile(run.eventsFile(0), line + line.slice(0, 20))
  assert.deepEqual(await run.eventsOf(0), [RESULT])
  await appendFile(run.eventsFile(0), line.slice(20))
  assert.deepEqual(await run.eventsOf(0), [RESULT, RESULT])
  await appendFile(run.eventsFile(0), `{"stem": "cut\n${line}`)
  assert.deepEqual(await run.eventsOf(0), [RESULT, RESULT])
})

test('plans a task per night, and at most as many as a Slurm array has elements', () => {
  const nights = Array.from({ length: 3000 }, (_, i) => night(String(i)))
  assert.deepEqual([maxTasks(NIGHTS), maxTasks(nights)], [2, 1000])
})

async function makeRun(t: TestContext): Promise<{ plan: Plan; run: RunFolder }> {
  const lock = join(await temporaryFolder(t), 'lock/lake')
  const plan = { lock, id: 'an-id', settings: { CODEC: 'zstd' }, nights: NIGHTS }
  return { plan, run: await RunFolder.make(plan) }
}

function night(stem: string): Plan['nights'][number] {
  return { stem, inLake: false, bytes: 1000, listed: { bytes: 1000, modified: '', md5: '' } }
}
