import assert from 'node:assert/strict'
import { mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { addCandidates } from '../../lib/lake/add-candidates.ts'
import { type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import { Paths } from '../../lib/paths.ts'
import { AWKWARD_NIGHTS } from '../support/awkward-nights.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { futureNight } from '../support/future-night.ts'
import { lakeFile, makeEarlier, nightsOf, tablesOf } from '../support/index-lake.ts'
import { differing } from '../support/lake-bytes.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { realLake } from '../support/real-lake.ts'
import { NO_ARCHIVE } from '../support/shared.ts'

test('has the same bytes and manifests when made from the lake alone as during the conversion', async t => {
  const paths = await dataFolder(t)
  for (const [night] of Object.values(AWKWARD_NIGHTS)) await convert(paths, night, { alertsPerFile: 3 })
  await convert(paths, futureNight('20260601', 'future', 'double', { alerts: 8 }), { alertsPerFile: 3 })
  await convert(paths, emptyNight('20180710', 'gzip'))
  await assertSameFromLake(paths)
})

test('has the same bytes and manifests when made from the lake alone for real alerts', {
  skip: NO_ARCHIVE,
}, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  const [{ alerts, objects } = {}] = await query(
    `select count(*)::int alerts, count(distinct objectId)::int objects from read_parquet('${paths.candidates}/**/*.parquet')`,
  )
  assert.deepEqual([alerts, (objects as number) > 100], [1644, true])
  await assertSameFromLake(paths)
})

test("reads only files of its own lake if the folder's name is a pattern that matches another folder", async t => {
  const root = await temporaryFolder(t)
  const [paths, other] = ['a[b]', 'ab'].map(name => new Paths(join(root, name))) as [Paths, Paths]
  const tarball = makeNight({ night: '20200601', alerts: 5 })
  for (const { tarballs } of [paths, other]) await mkdir(tarballs, { recursive: true })
  const manifest = await convert(paths, tarball)
  await convert(other, tarball)
  await writeFile(lakeFile(other, manifest, 0), 'something else')
  await assertSameFromLake(paths)
})

test('says how to get the candidates file of a moved night, which cannot be made from its files', async t => {
  const paths = await dataFolder(t)
  const tarball = makeNight({ night: '20200601', alerts: 3 })
  const night = nightOf(tarball.name)
  await convert(paths, tarball)
  const { candidates, ...moved } = await move(paths, tarball)
  const file = paths.candidatesFile(night)
  const reason = `its files, from which it is made, were moved to ${ADDRESS}`
  await assert.rejects(addCandidates(paths, night), {
    message: `${reason}: copy ${ADDRESS}/${file.slice(paths.data.length + 1)} to ${file}`,
  })
  await writeManifest(paths, night, moved)
  await assert.rejects(addCandidates(paths, night), {
    message: `${reason}: delete ${paths.manifest(night)}, then run make download lake`,
  })
})

test('names a damaged lake file from which a candidates file cannot be made, and changes nothing', async t => {
  const paths = await dataFolder(t)
  const tarball = makeNight({ night: '20200601', alerts: 20 })
  const night = nightOf(tarball.name)
  const manifest = await convert(paths, tarball, { alertsPerFile: 7 })
  await makeEarlier(paths)
  const path = lakeFile(paths, manifest, 1)
  await writeFile(path, (await readFile(path)).subarray(0, 5000))
  const before = await readFile(paths.manifest(night), 'utf8')
  await assert.rejects(addCandidates(paths, night), ({ message }: Error) => message.includes(path))
  assert.equal(await readFile(paths.manifest(night), 'utf8'), before)
  assert.deepEqual([...(await tablesOf(paths)).keys()], [])
  await assert.rejects(addCandidates(paths, nightOf('ztf_public_20200602.tar.gz')), /is missing: run make lake$/)
})

/** Turns the lake into one of an earlier version, and asserts that everything comes back. */
async function assertSameFromLake(paths: Paths): Promise<void> {
  const before = await tablesOf(paths)
  const manifests = new Map<Night, Manifest>()
  for (const night of await nightsOf(paths)) {
    manifests.set(night, (await readManifest(paths, night)) as Manifest)
    await utimes(paths.manifest(night), 1_700_000_000, 1_700_000_000)
  }
  await makeEarlier(paths)
  assert.equal((await tablesOf(paths)).size, 0)
  for (const [night, manifest] of manifests) {
    await addCandidates(paths, night)
    assert.deepEqual(await readManifest(paths, night), manifest)
    assert.equal((await stat(paths.manifest(night))).mtimeMs, 1_700_000_000_000)
  }
  assert.deepEqual(differing(await tablesOf(paths), before), [])
}
