import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { writeReceipt } from '../../lib/archive/receipts.ts'
import { exists } from '../../lib/core/files.ts'
import { recordFailure } from '../../lib/nights/failures.ts'
import { DownloadProgress } from '../../lib/progress/downloads.ts'
import { dataFolder } from '../support/data-folder.ts'
import { listedNight, md5Of, nightAt, putInLake, putTarball, setAge } from '../support/night-files.ts'

const [A, B, C] = [nightAt('20200101'), nightAt('20200102'), nightAt('20200103')]
const MIB = 1 << 20
const ROWS = [A, B, C].map(({ date }) => listedNight(date, { bytes: 4 * MIB }))

test('counts nights that arrive on disk or in the lake, and calls back for each', async t => {
  const paths = await dataFolder(t)
  const ended: string[] = []
  const progress = await DownloadProgress.begin(paths, ROWS, ({ name }, ending) => ended.push(`${name} ${ending}`))
  await putTarball(paths, A, '')
  await putInLake(paths, B, '')
  const { nights, done, failed, bytes, of } = await progress.poll()
  assert.deepEqual([nights, done, failed, bytes, of], [3, 2, 0, 8 * MIB, 12 * MIB])
  await progress.poll()
  assert.deepEqual(ended.sort(), [`${A.name} done`, `${B.name} done`])
  assert.deepEqual(progress.pendingWork, { nights: 1, bytes: 4 * MIB })
})

test('counts a night as failed if its failure was recorded during this run', async t => {
  const paths = await dataFolder(t)
  for (const night of [A, B]) await recordFailure(paths, night, 'of an earlier run')
  await setAge(paths.failure(A), 60_000)
  const progress = await DownloadProgress.begin(paths, ROWS)
  await recordFailure(paths, A, 'of this run')
  const { done, failed } = await progress.poll()
  assert.deepEqual([done, failed, progress.pendingWork.nights], [0, 1, 2])
})

test('shows partial files that grow, without the bytes of an earlier run in the total', async t => {
  const paths = await dataFolder(t)
  await writeFile(paths.part(A), Buffer.alloc(MIB))
  await setAge(paths.part(A), 60_000)
  const progress = await DownloadProgress.begin(paths, ROWS.slice(0, 2))
  assert.deepEqual((await progress.poll()).running, [])
  await writeFile(paths.part(A), Buffer.alloc(3 * MIB))
  await writeFile(paths.part(B), '')
  const { bytes, of, running } = await progress.poll()
  assert.deepEqual([bytes, of], [2 * MIB, 7 * MIB])
  assert.deepEqual(running, [
    { stem: A.stem, bytes: 3 * MIB, of: 4 * MIB, waits: false, rate: undefined },
    { stem: B.stem, bytes: 0, of: 4 * MIB, waits: true, rate: undefined },
  ])
})

test('does not count an outdated tarball as arrived', async t => {
  const paths = await dataFolder(t)
  const row = listedNight(A.date, { md5: md5Of('new') })
  await putTarball(paths, A, 'old')
  const progress = await DownloadProgress.begin(paths, [row])
  assert.equal((await progress.poll()).done, 0)
  await putTarball(paths, A, 'new')
  assert.equal((await progress.poll()).done, 1)
})

test('writes no receipt while a download replaces the tarball of a night in the lake', async t => {
  const paths = await dataFolder(t)
  const row = listedNight(A.date, { md5: md5Of('new') })
  await putInLake(paths, A, 'old')
  const progress = await DownloadProgress.begin(paths, [row])
  await writeFile(paths.tarball(A), 'new')
  assert.equal((await progress.poll()).done, 0)
  assert.equal(await exists(paths.receipt(A)), false)
  await writeReceipt(paths, A, paths.tarball(A), row, row.md5)
  assert.equal((await progress.poll()).done, 1)
})
