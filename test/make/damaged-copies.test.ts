// Tarballs on disk whose bytes change, with or without their times.
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import { flipBit, rot, zeroBlock } from '../support/bit-rot.ts'
import { convert, nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { runIndexUpdate } from '../support/index-lake.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { hash } from '../support/tarballs.ts'
import { Workspace } from '../support/workspace.ts'

const WHOLE = makeNight({ night: '20191003', alerts: 12 })
const OTHER = makeNight({ night: '20191002', alerts: 3 })
const [NIGHT, OTHER_NIGHT] = [nightOf(WHOLE.name), nightOf(OTHER.name)]
const MD5SUMS = `${hash('md5', WHOLE.bytes)}  ${WHOLE.name}\n`

for (const damage of [flipBit, zeroBlock])
  test(`downloads a tarball again that was damaged on disk before its conversion: ${damage.name}`, async t => {
    const space = await Workspace.open(t, [WHOLE], { MD5SUMS })
    await space.make('uris download')
    await rot(space.paths.tarball(NIGHT), damage)
    const { status, out } = await space.make('lake KEEP_TARS=no')
    assert.equal(status, 2)
    assert.match(
      out,
      / it was not converted: its MD5 is \w+, but the archive lists \w+: moved to \S+, run make download$/m,
    )
    assert.ok(!space.isInLake(WHOLE))
    assert.equal((await space.make('download lake')).status, 0)
    assert.deepEqual(await readdir(space.paths.partition(NIGHT)), [parquetOf(WHOLE)])
    assert.equal((await space.make('check DEEP=1')).status, 0)
  })

test('converts copies again when they are complete', async t => {
  const space = await Workspace.open(t, [])
  await space.put(
    { ...WHOLE, bytes: WHOLE.bytes.subarray(0, WHOLE.bytes.length / 2) },
    { ...OTHER, bytes: Buffer.alloc(0) },
  )
  assert.equal((await space.make('lake')).status, 0)
  const states = async () => [await stateOf(space, NIGHT), await stateOf(space, OTHER_NIGHT)]
  assert.deepEqual(await states(), ['salvaged', 'empty'])
  assert.match((await space.make('lake')).out, /^nothing to convert: /)
  // A copy may keep the time of the original, which is earlier than the conversion.
  for (const { name, bytes } of [WHOLE, OTHER]) {
    await writeFile(space.paths.tarball(nightOf(name)), bytes)
    await utimes(space.paths.tarball(nightOf(name)), 1_000_000_000, 1_000_000_000)
  }
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(await states(), ['whole', 'whole'])
  assert.match((await space.make('lake')).out, /^nothing to convert: /)
})

test('checks a copy of the converted tarball by its MD5, and does not convert it again', async t => {
  const cut = makeNight({ night: '20191003', alerts: 5, cutTar: { member: 3, bytes: 900 } })
  const space = await Workspace.open(t, [])
  const nights = [cut, emptyNight('20191002', 'tar')]
  await space.put(...nights)
  await space.make('lake')
  const lake = await snapshot(space.paths.manifests)
  await rm(space.paths.tarballs, { recursive: true })
  await space.put(...nights)
  const { status, out } = await space.make('lake')
  const lines = nights.map(({ name }) => `checked   ${nightOf(name).stem}`)
  assert.deepEqual([status, out.trim().split('\n').sort()], [0, lines.sort()])
  assert.deepEqual(await snapshot(space.paths.manifests), lake)
  assert.match((await space.make('lake')).out, /^nothing to convert: /)
})

test('keeps a whole night in the lake, and its files, if a copy over its tarball stalls', async t => {
  const space = await Workspace.open(t, [])
  await space.put(WHOLE)
  await space.make('lake')
  const lake = await snapshot(space.paths.lake)
  await space.put({ ...WHOLE, bytes: WHOLE.bytes.subarray(0, WHOLE.bytes.length / 2) })
  const { status, out } = await space.make('lake')
  assert.equal(status, 2)
  assert.match(out, /^FAILED .*, but the lake has 12 of this night, .*: delete it, or replace it by an intact one$/m)
  assert.deepEqual(await snapshot(space.paths.lake), lake)
  await space.put(WHOLE)
  assert.match((await space.make('lake')).out, /^nothing to convert: /)
})

test('DEEP=1 finds a tarball that was damaged after its conversion, and its advice heals', async t => {
  const space = await Workspace.open(t, [WHOLE], { MD5SUMS })
  await space.make('uris download lake')
  await rot(space.paths.tarball(NIGHT), flipBit)
  const lake = await snapshot(space.paths.lake)
  for (const command of ['check DEEP=1', 'repair DEEP=1']) {
    const { status, out, err } = await space.make(command)
    assert.equal(status, 2)
    assert.match(out, /^FAILED {4}\S+\.tar\.gz has the MD5 \w+, expected \w+: it is damaged: delete it, /m)
    assert.match(err, /^error: 1 tarball .* say what to do$/m)
  }
  await rm(space.paths.tarball(NIGHT))
  assert.equal((await space.make('download lake check DEEP=1')).status, 0)
  assert.deepEqual(await snapshot(space.paths.lake), lake)
})

test('sets a tarball aside that was damaged after its conversion, because the lake has the listed one', async t => {
  const space = await Workspace.open(t, [WHOLE], { MD5SUMS })
  await space.make('uris download lake')
  const bytes = await rot(space.paths.tarball(NIGHT), flipBit)
  assert.equal((await space.make('check DEEP=1')).status, 2)
  const { status, out } = await space.make('lake')
  const moved = join(space.paths.orphans, 'tarballs', WHOLE.name)
  const line = `checked   ${NIGHT.stem}  tarball moved to ${moved}: its MD5 is ${hash('md5', bytes)}, but the`
  assert.deepEqual([status, out.startsWith(line)], [0, true], out)
  assert.deepEqual(await readFile(moved), bytes)
  assert.equal((await space.make('-q download')).status, 0)
  assert.equal((await space.make('check')).status, 0)
})

test('DEEP=1 finds a night that was converted from a damaged tarball, and its advice heals', async t => {
  const space = await Workspace.open(t, [WHOLE], { MD5SUMS })
  const damaged = Buffer.from(WHOLE.bytes)
  flipBit(damaged)
  await space.make('uris')
  // As an earlier version converted it, which believed the receipt.
  const { paths } = space
  await mkdir(paths.tarballs, { recursive: true })
  const manifest = await convert(paths, { name: WHOLE.name, bytes: damaged })
  await writeManifest(paths, NIGHT, { ...manifest, md5: hash('md5', WHOLE.bytes) })
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  const check = await space.make('check DEEP=1')
  assert.equal(check.status, 2)
  assert.match(check.out, /^FAILED {4}\w+ {2}\S+ has the MD5 \w+, expected \w+, but the night was converted from it$/m)
  assert.match(check.err, /: run make repair DEEP=1$/m)
  assert.equal((await space.make('repair DEEP=1')).status, 0)
  assert.equal((await space.make('lake')).status, 2)
  assert.equal((await space.make('download lake check DEEP=1')).status, 0)
  assert.deepEqual(await readdir(space.paths.partition(NIGHT)), [parquetOf(WHOLE)])
})

async function stateOf({ paths }: Workspace, night: ReturnType<typeof nightOf>): Promise<string | undefined> {
  return (await readManifest(paths, night))?.state
}
