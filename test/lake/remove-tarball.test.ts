import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { md5Of } from '../../lib/core/files.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { isRemovable, removeTarball } from '../../lib/lake/remove-tarball.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { emptyNight, makeNight } from '../support/night.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 6 })
const CUT = makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const NIGHT = nightOf(WHOLE.name)

test('declares a cut tarball removable only if the archive lists it, others always', async t => {
  const paths = await dataFolder(t)
  const [cut, whole, empty] = [CUT, WHOLE, emptyNight('20180710', 'tar')]
  const salvaged = await convert(paths, cut)
  assert.deepEqual(
    [salvaged.md5, 'f'.repeat(32), undefined, ''].map(md5 => isRemovable(salvaged, md5)),
    [true, false, false, false],
  )
  for (const night of [whole, empty]) assert.equal(isRemovable(await convert(paths, night), undefined), true)
})

test('removes a tarball and its receipt', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await removeTarball(paths, NIGHT, manifest)
  assert.deepEqual([paths.tarball(NIGHT), paths.receipt(NIGHT)].map(existsSync), [false, false])
})

test('removes only the link if the tarball is one', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  const target = join(paths.data, 'own.tar.gz')
  await unlink(paths.tarball(NIGHT))
  await writeFile(target, WHOLE.bytes)
  await symlink(target, paths.tarball(NIGHT))
  await removeTarball(paths, NIGHT, manifest)
  assert.equal(existsSync(paths.tarball(NIGHT)), false)
  assert.ok((await readFile(target)).equals(WHOLE.bytes))
})

test('keeps a tarball other than the converted one', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await writeFile(paths.tarball(NIGHT), makeNight({ night: NIGHT.date, alerts: 7 }).bytes)
  const md5 = await md5Of(paths.tarball(NIGHT))
  await assert.rejects(removeTarball(paths, NIGHT, manifest), {
    message:
      `its MD5 is ${md5}, but its night in the lake was converted from a tarball with the MD5 ${manifest.md5}: ` +
      `delete it, or delete ${paths.manifest(NIGHT)} and run make lake`,
  })
  assert.ok(existsSync(paths.tarball(NIGHT)))
})

test('keeps a tarball if the lake has an unexpected file of its night', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, WHOLE)
  await writeManifest(paths, NIGHT, { ...manifest, files: [] })
  const recorded = (await readManifest(paths, NIGHT)) ?? assert.fail()
  await assert.rejects(removeTarball(paths, NIGHT, recorded), /-0000\.parquet is not in the manifest/)
  assert.ok(existsSync(paths.tarball(NIGHT)))
})
