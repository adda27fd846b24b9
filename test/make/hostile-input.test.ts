import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readUrlLists } from '../../lib/archive/url-lists.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { gzip } from '../../lib/synthetic/gzip.ts'
import { HOSTILE_PAGE, LISTED } from '../properties/listings.ts'
import { HOSTILE_TAR } from '../properties/nights.ts'
import { MEMBER_NAMES } from '../properties/tars.ts'
import { nightOf } from '../support/data-folder.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHT = 'ztf_public_20200101.tar.gz'

test('executes nothing that a listing or tarball contains, and prints no control character', async t => {
  const space = await Workspace.open(t, [])
  const page = join(space.folder, 'page.html')
  await writeFile(page, HOSTILE_PAGE)
  await mkdir(space.paths.tarballs, { recursive: true })
  await writeFile(join(space.paths.tarballs, NIGHT), gzip(HOSTILE_TAR))
  const before = (await readdir(space.folder)).sort()
  const runs = []
  for (const target of ['lake', `uris LISTING=${page}`, 'status', 'download -n']) runs.push(await space.make(target))
  for (const { out, err } of runs) assert.match(out + err, /^[\n\P{C}]*$/u)
  assert.deepEqual((await readdir(space.folder)).sort(), [...before, 'uris'].sort())
  const urls = [...(await readUrlLists(space.uris))].map(url => url.slice(space.archive.url.length))
  assert.deepEqual(
    urls.sort(),
    LISTED.map(date => `ztf_public_${date}.tar.gz`),
  )
  const manifest = await readManifest(space.paths, nightOf(NIGHT))
  assert.equal(manifest?.alerts, 1)
  assert.equal(manifest?.damaged, MEMBER_NAMES.length)
})
