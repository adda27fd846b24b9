import assert from 'node:assert/strict'
import { mkdir, rm } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { NightsProgress } from '../../lib/progress/nights.ts'
import { writeNote } from '../../lib/progress/notes.ts'
import { dataFolder } from '../support/data-folder.ts'
import { nightAt } from '../support/night-files.ts'

const [A, B] = [nightAt('20200101'), nightAt('20200102')]

test('shows the nights that workers have begun, and how far they are', async t => {
  const paths = await stagingFolder(t)
  const progress = new NightsProgress(paths)
  progress.add([
    { stem: A.stem, bytes: 1000 },
    { stem: B.stem, bytes: 500 },
  ])
  writeNote(paths.conversionProgress(A), { read: 300, alerts: 7 })
  const { running, rate: _, ...stage } = await progress.poll()
  assert.deepEqual(stage, { verb: 'converting', nights: 2, done: 0, failed: 0, bytes: 300, of: 1500 })
  assert.deepEqual(running, [{ stem: A.stem, bytes: 300, of: 1000, alerts: 7, rate: undefined }])
})

test('counts nights that have ended, and their bytes, whether they were converted or failed', async t => {
  const progress = new NightsProgress(await stagingFolder(t), 'checking')
  progress.add([
    { stem: A.stem, bytes: 1000 },
    { stem: B.stem, bytes: 500 },
  ])
  progress.end({ stem: A.stem })
  progress.end({ stem: B.stem, failed: true })
  progress.end({ stem: B.stem, failed: true })
  const { verb, done, failed, bytes, of } = await progress.poll()
  assert.deepEqual([verb, done, failed, bytes, of], ['checking', 1, 1, 1500, 1500])
})

test('leaves out nights whose tarball is only to be removed, and adds nights that will come', async t => {
  const progress = new NightsProgress(await stagingFolder(t))
  progress.add([
    { stem: A.stem, bytes: 1000, inLake: true },
    { stem: B.stem, bytes: 500 },
  ])
  progress.end({ stem: A.stem })
  const { nights, done, of } = await progress.poll({ nights: 3, bytes: 4000 })
  assert.deepEqual([nights, done, of], [4, 0, 4500])
})

test('does not show more bytes than a night has, nor a night without a note', async t => {
  const paths = await stagingFolder(t)
  const progress = new NightsProgress(paths)
  progress.add([{ stem: A.stem, bytes: 1000 }])
  writeNote(paths.conversionProgress(A), { read: 1024, alerts: 7 })
  assert.equal((await progress.poll()).bytes, 1000)
  await rm(paths.conversionProgress(A))
  assert.deepEqual((await progress.poll()).running, [])
})

async function stagingFolder(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  await mkdir(paths.staging, { recursive: true })
  return paths
}
