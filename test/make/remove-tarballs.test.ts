import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Paths } from '../../lib/paths.ts'
import { nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { membersOf, repacked } from '../support/tarballs.ts'
import { Workspace } from '../support/workspace.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 6 })
const OTHER = makeNight({ night: '20210401', alerts: 4 })
const CUT = makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } })
const [{ stem }, { stem: cutStem }] = [nightOf(WHOLE.name), nightOf(CUT.name)]

test('removes each tarball and its receipt, and neither downloads nor converts again', async t => {
  const space = await downloaded(t, [WHOLE, OTHER, CUT])
  const { status, out, err } = await space.make('lake KEEP_TARS=no')
  assert.deepEqual([status, err], [0, ''])
  assert.equal(out.match(/^converted .* {2}tarball removed$/gm)?.length, 3)
  assert.deepEqual(await remaining(space.paths), [])
  space.asked()
  const before = await snapshot(space.folder)
  for (const target of ['-q download', '-q lake KEEP_TARS=no', 'download', 'lake KEEP_TARS=no'])
    assert.equal((await space.make(target)).status, 0, target)
  assert.deepEqual([space.asked(), await snapshot(space.folder)], [[], before])
})

test('keeps tarballs by default', async t => {
  const space = await downloaded(t, [WHOLE])
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(await remaining(space.paths), [WHOLE.name])
})

test('keeps the tarball of a night that failed', async t => {
  const space = await downloaded(t, [WHOLE, OTHER], { MD5SUMS: '' })
  await writeFile(space.paths.tarball(nightOf(WHOLE.name)), Buffer.alloc(WHOLE.bytes.length, 'x'))
  const { status, out } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^FAILED +${stem} `, 'm'))
  assert.deepEqual(await remaining(space.paths), [WHOLE.name])
})

test('keeps a cut tarball if the archive lists no MD5 for it', async t => {
  const space = await downloaded(t, [WHOLE, CUT], { MD5SUMS: '' })
  const { status, out } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(out, new RegExp(`^converted ${cutStem} .*  SALVAGED: .*  tarball kept: a better one may come$`, 'm'))
  assert.deepEqual(await remaining(space.paths), [CUT.name])
  assert.equal((await space.make('-q lake KEEP_TARS=no')).status, 0)
})

test('keeps the tarball of a packet that is kept nowhere else, and removes that of a differing duplicate', async t => {
  const space = await Workspace.open(t, [])
  const huge = { name: 'huge.avro', bytes: Buffer.alloc((16 << 20) + 1) }
  const edited = makeNight({ night: '20210401', alerts: 1, edit: values => ({ ...values, objectId: 'ZTF99zzzzzzz' }) })
  await space.put({ ...WHOLE, ...repacked(WHOLE, [...membersOf(WHOLE), huge]) })
  await space.put({ ...OTHER, ...repacked(OTHER, [...membersOf(OTHER), ...membersOf(edited)]) })
  const { status, out } = await space.make('lake KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(
    out,
    new RegExp(
      `^converted ${stem} .*  tarball kept: 1 packet of it, larger than any alert, is kept nowhere else$`,
      'm',
    ),
  )
  assert.match(out, /DAMAGED: \S+: it differs from an earlier alert with the candid \d+ {2}tarball removed$/m)
  assert.deepEqual(await remaining(space.paths), [WHOLE.name])
  assert.deepEqual((await readdir(space.paths.badPackets(nightOf(OTHER.name)))).length, 1)
  assert.match((await space.make('status')).out, /^kept in \S+: 1 damaged packet$/m)
  assert.equal((await space.make('-q lake KEEP_TARS=no')).status, 0)
})

test('removes a tarball that a former run left, after checking its night', async t => {
  const space = await downloaded(t, [WHOLE, OTHER])
  await space.make('lake')
  assert.equal((await space.make('-q lake')).status, 0)
  assert.equal((await space.make('-q lake KEEP_TARS=no')).status, 1)
  const { out: preview } = await space.make('-n lake KEEP_TARS=no')
  assert.match(preview, new RegExp(`^remove ${WHOLE.name}\nremove ${OTHER.name}$`, 'm'))
  const lake = await snapshot(space.paths.lake)
  const { status, out, err } = await space.make('lake KEEP_TARS=no NIGHTS=2019')
  assert.deepEqual([status, out, err], [0, `checked   ${stem}  tarball removed\n`, ''])
  assert.deepEqual(await remaining(space.paths), [OTHER.name])
  assert.equal((await space.make('lake KEEP_TARS=no')).status, 0)
  assert.deepEqual([await remaining(space.paths), await snapshot(space.paths.lake)], [[], lake])
})

test('keeps a tarball whose night differs from its manifest, and shows the reason in the status', async t => {
  const space = await downloaded(t, [WHOLE, OTHER])
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
  assert.match(err, new RegExp(`^error: 1 night failed \\(${stem}\\): run make lake again$`, 'm'))
  assert.match((await space.make('status')).out, new RegExp(`^failed +${stem}: ${fault}$`, 'm'))
  assert.deepEqual(await remaining(space.paths), [WHOLE.name])
})

test('removes only the link if a tarball is one', async t => {
  const space = await Workspace.open(t, [])
  const own = join(space.folder, 'own.tar.gz')
  await mkdir(space.paths.tarballs, { recursive: true })
  await writeFile(own, WHOLE.bytes)
  await symlink(own, space.paths.tarball(nightOf(WHOLE.name)))
  assert.equal((await space.make('lake KEEP_TARS=no')).status, 0)
  assert.deepEqual(await remaining(space.paths), [])
  assert.ok((await readFile(own)).equals(WHOLE.bytes))
})

/** An archive all of whose nights have been downloaded. */
async function downloaded(
  t: Parameters<typeof Workspace.open>[0],
  nights: readonly SyntheticNight[],
  files: Record<string, string> = {},
): Promise<Workspace> {
  const space = await Workspace.open(t, nights, files)
  await space.make('uris')
  assert.equal((await space.make('download -j3')).status, 0)
  return space
}

/** Names of the remaining tarballs, and of receipts without a tarball. */
async function remaining({ tarballs }: Paths): Promise<string[]> {
  const names = await readdir(tarballs)
  const receipts = await readdir(join(tarballs, '.md5')).catch(() => [])
  const orphaned = receipts.filter(name => !names.includes(name.replace('.json', '.tar.gz')))
  return [...names.filter(name => name !== '.md5'), ...orphaned].sort()
}
