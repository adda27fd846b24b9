import assert from 'node:assert/strict'
import { readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { listNames } from '../../lib/core/files.ts'
import { forgetFailure, forgetFailures, readFailure, recordFailure } from '../../lib/nights/failures.ts'
import { dataFolder } from '../support/data-folder.ts'
import { nightAt } from '../support/night-files.ts'

const [FIRST, SECOND] = [nightAt('20200101'), nightAt('20210101')]

test('keeps the reason of the last failure until it is forgotten', async t => {
  const paths = await dataFolder(t)
  assert.equal(await readFailure(paths, FIRST), undefined)
  await recordFailure(paths, FIRST, 'the archive answered with status 404')
  await recordFailure(paths, FIRST, 'the disk is full')
  assert.equal(await readFailure(paths, FIRST), 'the disk is full')
  await forgetFailure(paths, FIRST)
  assert.equal(await readFailure(paths, FIRST), undefined)
})

test('forgets the failures of the selected nights only, and leaves files of other names', async t => {
  const paths = await dataFolder(t)
  for (const night of [FIRST, SECOND]) await recordFailure(paths, night, 'the disk is full')
  await writeFile(join(paths.failed, 'notes.txt'), '')
  await writeFile(`${paths.failure(FIRST)}.part`, 'left by a killed run')
  await forgetFailures(paths, date => date < '2021')
  assert.deepEqual((await readdir(paths.failed)).sort(), ['notes.txt', `${SECOND.stem}.txt`])
})

test('does not create the data folder again after it was moved away', async t => {
  const paths = await dataFolder(t)
  const before = await listNames(paths.data)
  const moved = `${paths.data}-moved`
  await rename(paths.data, moved)
  await recordFailure(paths, FIRST, 'it is gone')
  await rename(moved, paths.data)
  assert.deepEqual(await listNames(paths.data), before)
})

test('does not fail if a file is in place of the folder', async t => {
  const paths = await dataFolder(t)
  await writeFile(paths.failed, 'a file in place of the folder')
  await assert.doesNotReject(recordFailure(paths, FIRST, 'the disk is full'))
  await assert.doesNotReject(forgetFailure(paths, FIRST))
  assert.equal(await readFailure(paths, FIRST), undefined)
})

test('shortens and escapes what a damaged file has as the reason', async t => {
  const paths = await dataFolder(t)
  await recordFailure(paths, FIRST, `\u0000\u001b${'x'.repeat(5000)}`)
  const reason = (await readFailure(paths, FIRST)) ?? assert.fail()
  assert.ok(reason.startsWith('\\u{0}\\u{1b}xxx') && reason.length <= 1000, reason)
})
