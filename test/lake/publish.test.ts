import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { candidatesFaults } from '../../lib/lake/check-candidates.ts'
import { checkNight } from '../../lib/lake/check-night.ts'
import { checkTree } from '../../lib/lake/check-tree.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { bringIn, createStaging, publish } from '../../lib/lake/publish.ts'
import { parquetName } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import * as damage from '../support/damage.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'

const NIGHT = nightOf('ztf_public_20191003.tar.gz')
const SIBLING = nightOf('ztf_public_20191003_programid3.tar.gz')
const [OLD, NEW] = ['a', 'b'].map(digit => parquetName(NIGHT, digit.repeat(32), 0)) as [string, string]
const FOREIGN = parquetName(SIBLING, 'c'.repeat(32), 0)
/** Levels of the folder that is a link to another disk. */
const LINKS = { day: '', month: '..', year: '../..' }

test('creates a staging folder of its own for each attempt, and removes former ones of the night', async t => {
  const paths = await dataFolder(t)
  const other = await createStaging(paths, SIBLING)
  const first = await createStaging(paths, NIGHT)
  await writeFile(join(first, 'file.parquet.part'), '')
  const second = await createStaging(paths, NIGHT)
  assert.notEqual(first, second)
  assert.deepEqual([first, second, other].map(existsSync), [false, true, true])
})

test('replaces all files of the night, and keeps those of the date’s other tarball and of the user', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  const interrupted = [`_${OLD}.part`, `_${NEW}.part`, `__${NEW}.part.part`]
  const foreign = [FOREIGN, `_${FOREIGN}.part`, `${NIGHT.stem}-notes.txt`, `${OLD}.bak`]
  for (const name of [...interrupted, ...foreign]) await writeFile(join(paths.partition(NIGHT), name), name)
  await publishFiles(paths, NEW)
  assert.deepEqual((await readdir(paths.partition(NIGHT))).sort(), [NEW, ...foreign].sort())
  for (const name of [NEW, ...foreign]) assert.equal(await readFile(join(paths.partition(NIGHT), name), 'utf8'), name)
})

test('removes the files of a night that is now empty', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  await publishFiles(paths)
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [])
})

test('removes no former file if a new one cannot be moved, and leaves no part of the new ones', async t => {
  const paths = await dataFolder(t)
  await publishFiles(paths, OLD)
  const folder = await createStaging(paths, NIGHT)
  await writeFile(join(folder, `${NEW}.part`), '')
  const missing = parquetName(NIGHT, 'b'.repeat(32), 1)
  const files = [NEW, missing].map(record)
  await assert.rejects(bringIn(paths, NIGHT, folder, { files, newColumns: [] }), { code: 'ENOENT' })
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [OLD])
})

for (const [level, up] of Object.entries(LINKS))
  test(`publishes to another disk if the folder of the ${level} is a link to it`, { skip: NO_DISK }, async t => {
    const paths = await dataFolder(t)
    const link = join(paths.partition(NIGHT), up)
    const disk = await linkToDisk(t, link)
    for (const seed of [1, 2]) {
      const tarball = makeNight({ night: '20191003', alerts: 4, seed })
      const manifest = await convert(paths, tarball)
      await checkNight(paths, NIGHT, manifest)
      assert.deepEqual(await candidatesFaults(paths, NIGHT, manifest), [])
      assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(tarball)])
      assert.ok((await disk.names()).join().includes(parquetOf(tarball)))
      assert.deepEqual(await readdir(paths.staging), [])
    }
  })

test('keeps the former files if the other disk is full', { skip: NO_DISK }, async t => {
  const paths = await dataFolder(t)
  const disk = await linkToDisk(t, paths.partition(NIGHT))
  const former = makeNight({ night: '20191003', alerts: 4 })
  const manifest = await convert(paths, former)
  await disk.fill()
  await assert.rejects(convert(paths, makeNight({ night: '20191003', alerts: 4, seed: 2 })), {
    code: 'ENOSPC',
    path: join(paths.partition(NIGHT), `_${parquetOf(makeNight({ night: '20191003', alerts: 4, seed: 2 }))}.part`),
  })
  await disk.free()
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(former)])
  await checkNight(paths, NIGHT, manifest)
})

for (const folder of ['candidates', 'manifests', 'bad'] as const)
  test(`keeps the former night if the disk of its ${folder} is full`, { skip: NO_DISK }, async t => {
    const paths = await dataFolder(t)
    const disk = await linkToDisk(t, paths[folder])
    const [former, next] = [1, 2].map(seed =>
      makeNight({ night: '20191003', alerts: 4, seed, damage: { 0: damage.wiped } }),
    ) as [SyntheticNight, SyntheticNight]
    const manifest = await convert(paths, former)
    await disk.fill()
    await assert.rejects(convert(paths, next), { code: 'ENOSPC' })
    await disk.free()
    assert.deepEqual(await readManifest(paths, NIGHT), manifest)
    await checkNight(paths, NIGHT, manifest)
    assert.deepEqual(await candidatesFaults(paths, NIGHT, manifest), [])
    const { leftovers } = await checkTree(paths, () => true, new Map([[NIGHT.stem, manifest]]))
    assert.deepEqual(leftovers, [])
    const republished = await convert(paths, next)
    await checkNight(paths, NIGHT, republished)
    assert.deepEqual(await candidatesFaults(paths, NIGHT, republished), [])
  })

test('a publication that was killed leaves files that no check takes for a fault', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, makeNight({ night: '20191003', alerts: 4 }))
  const left = [`_${NEW}.part`, `__${NEW}.part.part`].map(name => join(paths.partition(NIGHT), name))
  for (const path of [...left, join(dirname(paths.candidatesFile(NIGHT)), `_${NIGHT.stem}.parquet.part`)])
    await writeFile(path, 'x')
  const { orphans, incomplete, leftovers } = await checkTree(paths, () => true, new Map([[NIGHT.stem, manifest]]))
  assert.deepEqual([orphans.size, incomplete.size, leftovers.length], [0, 0, 3])
  await checkNight(paths, NIGHT, manifest)
})

/** Replaces a folder of the lake by a link to a small disk. */
async function linkToDisk(t: TestContext, link: string): Promise<Disk> {
  const disk = await Disk.mount(t)
  await mkdir(dirname(link), { recursive: true })
  await symlink(disk.folder, link)
  return disk
}

/** Publishes files with their own name as content. */
async function publishFiles(paths: Paths, ...names: string[]): Promise<void> {
  const folder = await createStaging(paths, NIGHT)
  for (const name of names) await writeFile(join(folder, `${name}.part`), name)
  const files = names.map(record)
  await bringIn(paths, NIGHT, folder, { files, newColumns: [] })
  await publish(paths, NIGHT, folder, { files })
}

function record(name: string) {
  return { name, alerts: 1, bytes: name.length, sha256: '' }
}
