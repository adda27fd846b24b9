import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aheadNote, describe, forecastTable } from '../../lib/plan/table.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runScript } from '../support/run.ts'

const GB = 1e9
const NIGHTS = [{ bytes: 46.8 * GB }, { bytes: 0.0468 * GB }]
const SITE = { cores: 16, nodes: 1, link: 0.3 * GB, disk: 5 * GB }

test('the selection is described by its nights, alerts, bytes and files', () => {
  const files = 334 + 1 + 1 + 1
  assert.equal(
    describe(NIGHTS, 3000),
    `2 nights with alerts, about 1,001,000 alerts: 43.6 GiB of tar.gz, 41.0 GiB of lake in ${files} files`,
  )
})

test('the table has a row per make command, with its time, disk space, limit and bounds', () => {
  const [heading, ...rows] = forecastTable(NIGHTS, SITE, GB)
  assert.deepEqual(heading, ['', 'takes', 'disk at peak', 'limit', 'link', 'cores', 'disk', 'one night'])
  assert.deepEqual(
    rows.map(([command]) => command),
    [
      'make download -j5',
      'make lake',
      'make lake KEEP_TARS=no',
      'make check',
      'make all -j5',
      'make all -j5 KEEP_TARS=no',
    ],
  )
  const [download, , , check] = rows
  assert.deepEqual(download?.slice(1, 5), ['13 min', '43.6 GiB', 'one night', '2 min 36 s'])
  assert.equal(check?.[2], '', 'a check needs no disk space')
})

test('an AHEAD below the largest tarball gets one sentence', () => {
  assert.equal(aheadNote(NIGHTS, 46.8 * GB), undefined)
  assert.match(aheadNote(NIGHTS, 2 ** 30) ?? '', /^the largest tarball, 43\.6 GiB, is larger than AHEAD, 1\.0 GiB: /)
})

test('make plan without a listing says to run make uris', async t => {
  const uris = await temporaryFolder(t)
  const { status, err } = await runScript('plan', { URIS: uris })
  assert.equal(status, 1)
  assert.equal(
    err,
    `error: ${uris}/listing.tsv lists none of the selected nights with alerts: run make uris first, or give other NIGHTS\n`,
  )
})
