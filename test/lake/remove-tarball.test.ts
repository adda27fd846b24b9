import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { md5Of } from '../../lib/core/files.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { isRemovable, removeTarball } from '../../lib/lake/remove-tarball.ts'
import type { Paths } from '../../lib/paths.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { Workspace } from '../support/workspace.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 6 })
const OTHER = makeNight({ night: '20210401', alerts: 4 })
const CUT = makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const [{ stem }, { stem: cutStem }] = [nightOf(WHOLE.name), nightOf(CUT.name)]

test('make lake KEEP_TARS=no removes each tarball and its receipt, and nothing is fetched or converted again', async t => {
  const space = await fetched(t, [WHOLE, OTHER, CUT])
  const { status, out, err } = await space.make('lake KEEP_TARS=no')
  assert.deepEqual([status, err], [0, ''])
  assert.equal(out.match(/^converted .* {2}tarball removed$/gm)?.length, 3)
  assert.deepEqual(await left(space.paths), [])
  space.asked()
  const before = await snapshot(space.folder)
  for (const target of ['-q download', '-q lake KEEP_TARS=no', 'download', 'lake KEEP_TARS=no'])
    assert.equal((await space.make(target)).status, 0, target)
  assert.deepEqual([space.asked(), await snapshot(space.folder)], [[], before])
})

test('tarballs are kept unless that is asked for', async t => {
  const space = await fetched(t, [WHOLE])
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(await left(space.paths), [WHOLE.name])
})

test('the tarball of a night that failed stays', async t => {
  const space = await fetched(t, [WHOLE, OTHER], { MD5SUMS: '' })
  await writeFile(space.paths.tarball(nightOf(WHOLE.name)), Buffer.alloc(WHOLE.bytes.length, 'x'))
  const { status, out } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^FAILED +${stem} `, 'm'))
  assert.deepEqual(await left(space.paths), [WHOLE.name])
})

test('a tarball that is cut stays where the archive lists no md5 for it, and no run wants to remove it', async t => {
  const space = await fetched(t, [WHOLE, CUT], { MD5SUMS: '' })
  const { status, out } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(out, new RegExp(`^converted ${cutStem} .*  SALVAGED: .*  tarball kept, a better one may come$`, 'm'))
  assert.deepEqual(await left(space.paths), [CUT.name])
  assert.equal((await space.make('-q lake KEEP_TARS=no')).status, 0)
})

test('a cut tarball is spent only if it is the one that the archive lists, a whole or an empty one always', async t => {
  const paths = await dataFolder(t)
  const [cut, whole, empty] = [CUT, WHOLE, emptyNight('20180710', 'tar')]
  const salvaged = await convert(paths, cut)
  assert.deepEqual(
    [salvaged.md5, 'f'.repeat(32), undefined, ''].map(md5 => isRemovable(salvaged, md5)),
    [true, false, false, false],
  )
  for (const night of [whole, empty]) assert.equal(isRemovable(await convert(paths, night), undefined), true)
})

test('what a run left between manifest and removal is checked and removed by the next', async t => {
  const space = await fetched(t, [WHOLE, OTHER])
  await space.make('lake')
  assert.equal((await space.make('-q lake')).status, 0)
  assert.equal((await space.make('-q lake KEEP_TARS=no')).status, 1)
  assert.match(
    (await space.make('-n lake KEEP_TARS=no')).out,
    new RegExp(`lake\\.js ${WHOLE.name} ${OTHER.name}$`, 'm'),
  )
  const lake = await snapshot(space.paths.lake)
  const { status, out, err } = await space.make('lake KEEP_TARS=no NIGHTS=2019')
  assert.deepEqual([status, out, err], [0, `checked   ${stem}  tarball removed\n`, ''])
  assert.deepEqual(await left(space.paths), [OTHER.name])
  assert.equal((await space.make('lake KEEP_TARS=no')).status, 0)
  assert.deepEqual([await left(space.paths), await snapshot(space.paths.lake)], [[], lake])
})

test('a tarball stays where the lake is not what its manifest says, and the status tells why', async t => {
  const space = await fetched(t, [WHOLE, OTHER])
  await space.make('lake')
  const night = nightOf(WHOLE.name)
  const parquet = join(space.paths.partition(night), parquetOf(WHOLE))
  const bytes = await readFile(parquet)
  bytes[100] = (bytes[100] as number) ^ 1
  await writeFile(parquet, bytes)
  const { status, out, err } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 2)
  const fault = `its tarball was not removed: ${parquet} has the SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}: [^\n]+`
  assert.match(out, new RegExp(`^FAILED +${stem} +${fault}$`, 'm'))
  assert.match(err, new RegExp(`^error: 1 night failed \\(${stem}\\): make lake tries again$`, 'm'))
  assert.match((await space.make('status')).out, new RegExp(`^failed +${stem}: ${fault}$`, 'm'))
  assert.deepEqual(await left(space.paths), [WHOLE.name])
})

test('another tarball than the one that was converted stays', async t => {
  const paths = await dataFolder(t)
  const night = nightOf(WHOLE.name)
  const manifest = await convert(paths, WHOLE)
  await writeFile(paths.tarball(night), makeNight({ night: night.date, alerts: 7 }).bytes)
  const md5 = await md5Of(paths.tarball(night))
  await assert.rejects(removeTarball(paths, night, manifest), {
    message:
      `its md5 is ${md5}, but the lake's night was made from a tarball with md5 ${manifest.md5}: ` +
      `delete it, or delete ${paths.manifest(night)} and run make lake`,
  })
  assert.ok(existsSync(paths.tarball(night)))
})

test('of a link the target stays', async t => {
  const space = await Workspace.open(t, [])
  const own = join(space.folder, 'own.tar.gz')
  await mkdir(space.paths.tarballs, { recursive: true })
  await writeFile(own, WHOLE.bytes)
  await symlink(own, space.paths.tarball(nightOf(WHOLE.name)))
  assert.equal((await space.make('lake KEEP_TARS=no')).status, 0)
  assert.deepEqual(await left(space.paths), [])
  assert.ok((await readFile(own)).equals(WHOLE.bytes))
})

test('a tarball stays where the lake has a file too many of its night', async t => {
  const paths = await dataFolder(t)
  const night = nightOf(WHOLE.name)
  const manifest = await convert(paths, WHOLE)
  await writeManifest(paths, night, { ...manifest, files: [] })
  const recorded = (await readManifest(paths, night)) ?? assert.fail()
  await assert.rejects(removeTarball(paths, night, recorded), /-0000\.parquet is not in the manifest/)
  assert.ok(existsSync(paths.tarball(night)))
})

/** An archive whose nights are all on disk. */
async function fetched(
  t: Parameters<typeof Workspace.open>[0],
  nights: readonly SyntheticNight[],
  files: Record<string, string> = {},
): Promise<Workspace> {
  const space = await Workspace.open(t, nights, files)
  await space.make('uris')
  assert.equal((await space.make('download -j3')).status, 0)
  return space
}

/** What is left of tarballs and receipts. */
async function left({ tarballs }: Paths): Promise<string[]> {
  const names = await readdir(tarballs)
  const receipts = await readdir(join(tarballs, '.md5')).catch(() => [])
  const stray = receipts.filter(name => !names.includes(name.replace('.json', '.tar.gz')))
  return [...names.filter(name => name !== '.md5'), ...stray].sort()
}
