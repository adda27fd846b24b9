import assert from 'node:assert/strict'
import fs, { existsSync } from 'node:fs'
import { cp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { listNames } from '../../lib/core/files.ts'
import { type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { finishMoves, moveAway } from '../../lib/lake/move-away.ts'
import { hidden } from '../../lib/lake/publish.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, listed, nightOf, parquetOf } from '../support/data-folder.ts'
import { makeEarlier } from '../support/index-lake.ts'
import { logSyncs } from '../support/log-syncs.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'
import { setAge } from '../support/night-files.ts'

const TARBALL = makeNight({ night: '20191003', alerts: 5 })
const OTHER = makeNight({ night: '20191003', kind: 'programid3', alerts: 3 })
const NIGHT = nightOf(TARBALL.name)

test('removes the files of a night, also hidden ones, but not those of the date’s other tarball', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, TARBALL, { alertsPerFile: 2 })
  await convert(paths, OTHER)
  await writeFile(join(paths.partition(NIGHT), hidden(parquetOf(TARBALL, 7))), '')
  await setAge(paths.manifest(NIGHT), 3_600_000)
  const { mtimeMs } = await stat(paths.manifest(NIGHT))
  await moveAway(paths, NIGHT, manifest, ADDRESS)
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(OTHER)])
  assert.deepEqual(await readManifest(paths, NIGHT), { ...manifest, movedTo: ADDRESS })
  assert.equal((await stat(paths.manifest(NIGHT))).mtimeMs, mtimeMs)
  assert.ok(existsSync(paths.candidatesFile(NIGHT)))
})

test('flushes the manifest with the address to disk before it removes a file', async t => {
  const { paths, manifest } = await convertedLake(t)
  const log = logSyncs(t)
  const file = join(paths.partition(NIGHT), parquetOf(TARBALL))
  const { rm } = fs.promises
  t.after(() => replaceRm(rm))
  replaceRm(async (path, options) => {
    log.push(`remove ${path}`)
    await rm(path, options)
  })
  await moveAway(paths, NIGHT, manifest, ADDRESS)
  const [renamed, flushed, removed] = [
    `rename ${paths.manifest(NIGHT)}.part ${paths.manifest(NIGHT)}`,
    `sync ${paths.manifests}`,
    `remove ${file}`,
  ].map(line => log.lastIndexOf(line)) as [number, number, number]
  assert.ok(renamed >= 0 && renamed < flushed && flushed < removed, log.join('\n'))
})

test('refuses a night that has been converted again since it was published', async t => {
  const { paths, manifest } = await convertedLake(t)
  const revised = makeNight({ night: '20191003', alerts: 6, seed: 2 })
  const current = await convert(paths, revised, {}, listed(revised))
  await assert.rejects(moveAway(paths, NIGHT, manifest, ADDRESS), {
    message: `${paths.manifest(NIGHT)} has changed since the night was published: run make publish again`,
  })
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(revised)])
  assert.deepEqual(await readManifest(paths, NIGHT), current)
})

test('refuses a night without candidates file, which could not be made any more', async t => {
  const { paths } = await convertedLake(t)
  await makeEarlier(paths)
  await assert.rejects(move(paths, TARBALL), /json has no candidates file, .* run make index, then make publish again$/)
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(TARBALL)])
})

test('finishes moves after which files were left, and removes empty partitions', async t => {
  const { paths, manifest } = await convertedLake(t)
  const kept = makeNight({ night: '20201003', alerts: 2 })
  await convert(paths, kept)
  // As after a crash between the two steps.
  await writeManifest(paths, NIGHT, { ...manifest, movedTo: ADDRESS })
  await finishMoves(paths)
  assert.deepEqual(
    (await readdir(paths.lake)).filter(name => name.startsWith('year=')),
    ['year=2020'],
  )
  assert.deepEqual(await readdir(paths.partition(nightOf(kept.name))), [parquetOf(kept)])
  const again = await readManifest(paths, NIGHT)
  assert.deepEqual(again, { ...manifest, movedTo: ADDRESS })
  await finishMoves(paths)
})

test('keeps partitions with other files, and links to other disks', async t => {
  const { paths } = await convertedLake(t)
  const month = dirname(paths.partition(NIGHT))
  const elsewhere = join(paths.data, 'elsewhere')
  await cp(month, elsewhere, { recursive: true })
  await rm(month, { recursive: true })
  await symlink(elsewhere, month)
  await convert(paths, OTHER)
  await move(paths, TARBALL)
  await finishMoves(paths)
  assert.deepEqual(await listNames(paths.partition(NIGHT)), [parquetOf(OTHER)])
  await move(paths, OTHER)
  await finishMoves(paths)
  assert.deepEqual(await readdir(elsewhere), [])
  assert.ok(existsSync(month))
})

test('finishes nothing in a lake that does not exist', async t => {
  const paths = await dataFolder(t)
  await finishMoves(paths)
  assert.equal(existsSync(paths.lake), false)
})

test('converts a moved night again if its tarball was published again or its manifest is deleted', async t => {
  const { paths, manifest } = await convertedLake(t)
  await move(paths, TARBALL)
  await rm(paths.manifest(NIGHT))
  const { peakMemory, seconds, ...again } = await convert(paths, TARBALL)
  assert.deepEqual(again, withoutCosts(manifest))
  await move(paths, TARBALL)
  const revised = makeNight({ night: '20191003', alerts: 6, seed: 2 })
  const { movedTo, replaces } = await convert(paths, revised, {}, listed(revised))
  assert.deepEqual([movedTo, replaces?.md5, 'movedTo' in (replaces ?? {})], [undefined, manifest.md5, false])
  assert.deepEqual(await readdir(paths.partition(NIGHT)), [parquetOf(revised)])
})

async function convertedLake(t: TestContext): Promise<{ paths: Paths; manifest: Manifest }> {
  const paths = await dataFolder(t)
  return { paths, manifest: await convert(paths, TARBALL) }
}

function replaceRm(rm: typeof fs.promises.rm): void {
  Object.assign(fs.promises, { rm })
  syncBuiltinESMExports()
}

function withoutCosts({ peakMemory, seconds, ...manifest }: Manifest): Partial<Manifest> {
  return manifest
}
