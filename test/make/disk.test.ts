import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { Paths } from '../../lib/paths.ts'
import { nightOf } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import type { Ran } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401'].map((night, i) => makeNight({ night, alerts: 12 + 6 * i }))
const STEMS = NIGHTS.map(({ name }) => nightOf(name).stem)
const PAGE = 4096

/** Bytes of the lake that an undisturbed run makes. */
let undisturbed: Map<string, string>

before(async t => {
  const space = await Workspace.open(t as TestContext, NIGHTS)
  await space.make('uris')
  await space.make('download')
  assert.equal((await space.make('lake ALERTS_PER_FILE=4')).status, 0)
  undisturbed = await bytesBelow(space.paths.lake)
})

for (const target of ['download', 'all KEEP_TARS=no ALERTS_PER_FILE=4'])
  test(`names the full disk for each night that it stops, and a rerun finishes: make ${target}`, {
    skip: NO_DISK,
  }, async t => {
    const { space, disk } = await onDisk(t)
    // make has checked the space before it requests the first night.
    for (const { name } of NIGHTS) space.archive.faults.set(name, { before: () => disk.fill(PAGE), times: 1 })
    const ran = await space.make(`${target} DATA=${disk.folder}`)
    assert.equal(ran.status, 2)
    for (const stem of STEMS) {
      const sentence = `it was not fetched: the disk of ${disk.folder} is full: free some space, or [^\\n]+`
      assert.equal(ran.out.match(new RegExp(`^FAILED +${stem} +${sentence}$`, 'gm'))?.length, 1, ran.out)
    }
    const command = target.startsWith('all') ? 'make all' : 'make download'
    assert.match(
      ran.err,
      new RegExp(
        `^error: 3 nights not fetched \\(${STEMS.join(', ')}\\): run ${command} DATA=\\S+ URIS=\\S+ again$`,
        'm',
      ),
    )
    assertPlain(ran)
    space.archive.faults.clear()
    await disk.free()
    await assertFinishes(space, disk)
  })

for (const [when, left] of [
  ['before the first file', 3 * PAGE],
  ['after the first files', 25 * PAGE],
  ['after most files', 120 * PAGE],
] as const)
  test(`leaves no half night if the disk is full during a conversion, ${when}`, { skip: NO_DISK }, async t => {
    const { space, disk } = await onDisk(t)
    assert.equal((await space.make(`download DATA=${disk.folder}`)).status, 0)
    await disk.fill(left)
    const ran = await space.make(`lake WORKERS=1 ALERTS_PER_FILE=4 DATA=${disk.folder}`)
    assert.equal(ran.status, 2)
    const failed = [...ran.out.matchAll(/^FAILED +(ztf_\S+) +(.*)$/gm)]
    // With one worker, the first night that fails stops the others.
    assert.equal(failed.length, 1, ran.out)
    for (const [, , sentence = ''] of failed)
      assert.match(
        sentence,
        /^it was not converted: the disk of \S+ is full: free some space, or set DATA= to another disk/,
      )
    assert.ok(ran.out.includes(`the disk of ${disk.folder} is full`), ran.out)
    assert.equal(new Set(failed.map(([, stem]) => stem)).size, failed.length)
    assert.match(
      ran.err,
      /^error: 1 night failed \(\S+\)(, and [12] others? not tried)?: run make lake DATA=\S+ URIS=\S+ again(; .*)?$/m,
    )
    assertPlain(ran)
    const [found, stems] = [await bytesBelow(new Paths(disk.folder).lake), failed.map(([, stem = '']) => stem)]
    for (const name of found.keys()) assert.ok(!stems.some(stem => name.includes(`${stem}-`)), name)
    await disk.free()
    await assertFinishes(space, disk)
  })

test('reports a disk that is full from the start once, and requests nothing', { skip: NO_DISK }, async t => {
  const { space, disk } = await onDisk(t)
  space.asked()
  await disk.fill()
  for (const target of ['download', 'all']) {
    const ran = await space.make(`${target} DATA=${disk.folder}`)
    assert.equal(ran.status, 2)
    assert.match(
      ran.err,
      /^error: the disk of \S+ is full: free some space, or set DATA= to another disk, then run this again$/m,
    )
    assertPlain(ran)
  }
  assert.deepEqual(space.asked(), [])
  await disk.free()
  await assertFinishes(space, disk)
})

test('reports a read-only lake once, before it converts a night', { skip: NO_DISK }, async t => {
  const space = await listedSpace(t)
  const disk = await Disk.mount(t)
  await mkdir(space.paths.data)
  await symlink(disk.folder, space.paths.lake)
  assert.equal((await space.make('download')).status, 0)
  disk.remount('ro')
  for (const target of ['lake', 'all']) {
    const ran = await space.make(`${target} ALERTS_PER_FILE=4`)
    assert.deepEqual([ran.status, ran.out], [2, ''])
    assert.match(ran.err, /^error: \S+\/lake is on a disk that is mounted read-only: mount it for writing, or [^\n]+$/m)
    assertPlain(ran)
  }
  assert.deepEqual(await disk.names(), [])
  disk.remount('rw')
  assert.equal((await space.make('lake ALERTS_PER_FILE=4')).status, 0)
  assert.deepEqual(differing(await bytesBelow(space.paths.lake), undisturbed), [])
})

test('reports a read-only data folder once, before it requests a night', { skip: NO_DISK }, async t => {
  const { space, disk } = await onDisk(t)
  space.asked()
  disk.remount('ro')
  for (const target of ['download', 'all', `download DATA=${disk.folder}/below`]) {
    const ran = await space.make(target.includes('DATA') ? target : `${target} DATA=${disk.folder}`)
    assert.deepEqual([ran.status, ran.out], [2, ''])
    assert.match(ran.err, /^error: \S+ is on a disk that is mounted read-only: mount it for writing, or [^\n]+$/m)
    assertPlain(ran)
  }
  assert.deepEqual([space.asked(), await disk.names()], [[], []])
  disk.remount('rw')
  await assertFinishes(space, disk)
})

test('reports a disk that is not mounted, and creates nothing in its place', async t => {
  const space = await listedSpace(t)
  space.asked()
  const data = join(space.folder, 'mnt/big')
  for (const target of ['download', 'all']) {
    const ran = await space.make(`${target} DATA=${data}/ztf`)
    assert.deepEqual([ran.status, ran.out], [2, ''])
    const sentence = `error: DATA is ${data}/ztf, but the folder ${data} does not exist: is its disk mounted?`
    assert.ok(ran.err.split('\n').includes(sentence), ran.err)
    assertPlain(ran)
  }
  assert.deepEqual([space.asked(), existsSync(join(space.folder, 'mnt'))], [[], false])
  await mkdir(data, { recursive: true })
  assert.equal((await space.make(`download DATA=${data}/ztf`)).status, 0)
})

for (const [folder, targets] of [
  ['tarballs', ['download']],
  ['lake', ['lake', 'all']],
] as const)
  test(`reports a dangling link data/${folder}, and creates nothing in its place`, async t => {
    const space = await listedSpace(t)
    const [link, target] = [space.paths[folder], join(space.folder, 'elsewhere')]
    if (folder === 'lake') assert.equal((await space.make('download')).status, 0)
    await mkdir(space.paths.data, { recursive: true })
    await symlink(target, link)
    for (const name of targets) {
      const ran = await space.make(name)
      assert.deepEqual([ran.status, ran.out], [2, ''])
      assert.ok(ran.err.includes(`error: ${link} is a link to a missing target: is its disk mounted?\n`), ran.err)
      assertPlain(ran)
    }
    assert.equal(existsSync(target), false)
    await mkdir(target)
    assert.equal((await space.make('all ALERTS_PER_FILE=4')).status, 0)
    assert.deepEqual(differing(await bytesBelow(space.paths.lake), undisturbed), [])
  })

test('names a folder or dangling link at the path of a tarball, and downloads the other nights', async t => {
  const space = await listedSpace(t)
  const [folder, link] = NIGHTS.map(({ name }) => join(space.paths.tarballs, name)) as [string, string]
  await mkdir(folder, { recursive: true })
  await symlink(join(space.folder, 'nowhere'), link)
  const ran = await space.make('download')
  assert.equal(ran.status, 2)
  assert.match(
    ran.out,
    new RegExp(`^FAILED +${STEMS[0]}  it was not fetched: ${folder} is a folder, expected a file: move it`, 'm'),
  )
  assert.match(
    ran.out,
    new RegExp(`^FAILED +${STEMS[1]}  it was not fetched: ${link} is a link to a missing target: mount`, 'm'),
  )
  assertPlain(ran)
  const { name, bytes } = NIGHTS[2] as SyntheticNight
  assert.ok((await space.tarball(name))?.equals(bytes))
  assert.equal(await readlink(link), join(space.folder, 'nowhere'))
  await Promise.all([rm(folder, { recursive: true }), rm(link)])
  assert.equal((await space.make('download')).status, 0)
})

/** Asserts that the output has no errno codes and no stack traces. */
function assertPlain({ out, err }: Ran): void {
  assert.doesNotMatch(out + err, /\bE(NOSPC|ROFS|NOENT|NOTDIR|IO|ACCES|PERM|EXIST)\b|^ +at |node:|\.js:\d/m)
}

/** Asserts that a rerun ends with the lake of an undisturbed run, and without temporary files. */
async function assertFinishes(space: Workspace, disk: Disk): Promise<void> {
  const ran = await space.make(`all ALERTS_PER_FILE=4 DATA=${disk.folder}`)
  assert.deepEqual([ran.status, ran.err], [0, ''])
  assert.deepEqual(differing(await bytesBelow(new Paths(disk.folder).lake), undisturbed), [])
  assert.deepEqual(
    (await disk.names()).filter(name => /\.part|\.aria2|_staging\/|lock\//.test(name)),
    [],
  )
}

async function listedSpace(t: TestContext): Promise<Workspace> {
  const space = await Workspace.open(t, NIGHTS)
  assert.equal((await space.make('uris')).status, 0)
  return space
}

async function onDisk(t: TestContext): Promise<{ space: Workspace; disk: Disk }> {
  return { space: await listedSpace(t), disk: await Disk.mount(t) }
}
