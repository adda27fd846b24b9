import assert from 'node:assert/strict'
import { statfs } from 'node:fs/promises'
import { test } from 'node:test'
import { checkDownloadSpace } from '../../lib/jobs/download-space.ts'
import { dataFolder } from '../support/data-folder.ts'
import { listedNight, settingsOf } from '../support/night-files.ts'

test('needs space for what stays on disk: the tarballs, the lake, or neither', async t => {
  const paths = await dataFolder(t)
  const { bavail, bsize } = await statfs(paths.data)
  // Twice the free space.
  const rows = Array.from({ length: 10 }, (_, i) =>
    listedNight(String(20_200_101 + i), { bytes: Math.round((bavail * bsize) / 5) }),
  )
  const plan = { notInLake: rows, missing: rows, givenUp: [] }
  const check = (settings: Record<string, string>, converts = true) =>
    checkDownloadSpace(settingsOf(paths, { AHEAD: '1M', ...settings }), paths, plan, converts)
  const tooLittle = /^Error: [^\n]* left to fetch, [^\n]*but the disk of \S+ has only /
  await assert.rejects(check({}, false), tooLittle)
  await assert.rejects(check({}), tooLittle)
  await assert.rejects(check({ KEEP_TARS: 'no' }), /^Error: [^\n]* on disk at a time, [^\n]* of lake, about, /)
  await assert.rejects(check({ KEEP_TARS: 'no', KEEP_LAKE: 'no' }), / of lake, about, /, 'nothing is published')
  const moved = await check({ KEEP_TARS: 'no', KEEP_LAKE: 'no', TO: 's3://bucket/ztf' })
  assert.equal(moved, 10 * (rows[0]?.bytes ?? 0))
})
