import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readManifest } from '../../lib/lake/manifest.ts'
import { Paths } from '../../lib/paths.ts'
import { nightOf } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { makeEarlier, monthsIn, nightsOf, tablesOf } from '../support/index-lake.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12 }),
  makeNight({ night: '20191003', alerts: 17, duplicates: [4] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 6 }),
  makeNight({ night: '20250325', alerts: 8 }),
  emptyNight('20250326', 'tar'),
]
const MONTHS = ['2018-07', '2019-10', '2025-03']
const CONVERSION = new Date('2026-05-20T08:00:00Z')

test('makes the tables and lists of a lake of an earlier version, without tarballs, as make lake would have', async t => {
  for (const workers of [1, 2, 4]) {
    const space = await lake(t)
    const before = await contents(space.paths)
    await makeEarlier(space.paths)
    for (const night of await nightsOf(space.paths)) await utimes(space.paths.manifest(night), CONVERSION, CONVERSION)
    await rm(space.paths.tarballs, { recursive: true })
    const { status, out, err } = await space.make(`index WORKERS=${workers}`)
    assert.deepEqual([status, err], [0, ''])
    assert.deepEqual(monthsIn(out.split('\n')), MONTHS)
    const added = [...out.matchAll(/^added +(\S+) +(\d+) alerts to the candidates table$/gm)]
    assert.deepEqual(added.map(([, stem, alerts]) => `${stem} ${alerts}`).sort(), [
      'ztf_public_20180713 12',
      'ztf_public_20191003 17',
      'ztf_public_20191003_programid3 6',
      'ztf_public_20250325 8',
    ])
    assert.deepEqual(differing(await contents(space.paths), before), [])
    for (const night of await nightsOf(space.paths))
      assert.equal((await stat(space.paths.manifest(night))).mtimeMs, CONVERSION.getTime())
    assert.equal((await space.make('check')).status, 0)
  }
})

test('does nothing if there is nothing to do, and only what is missing otherwise', async t => {
  const space = await lake(t)
  const before = await contents(space.paths)
  const { status, out, err } = await space.make('index')
  assert.deepEqual([status, err], [0, ''])
  assert.match(out, /^nothing to index: \S+\/index is up to date with 5 nights\n$/)
  await rm(space.paths.indexFile('positions', '201910'))
  assert.deepEqual(monthsIn((await space.make('index')).out.split('\n')), ['2019-10'])
  await rm(space.paths.index, { recursive: true })
  assert.deepEqual(monthsIn((await space.make('index')).out.split('\n')), MONTHS)
  assert.deepEqual(differing(await contents(space.paths), before), [])
})

test('updates only months that changed, at the end of make lake and make all', async t => {
  const space = await Workspace.open(t, [...NIGHTS.slice(0, 2)])
  const all = await space.make('all -j2')
  assert.deepEqual([all.status, all.err, monthsIn(all.out.split('\n'))], [0, '', MONTHS.slice(0, 2)])
  await space.put(...NIGHTS.slice(2))
  const later = await space.make('lake')
  assert.deepEqual([later.status, later.err, monthsIn(later.out.split('\n'))], [0, '', MONTHS.slice(1)])
  assert.equal((await space.make('check')).status, 0)
})

test('make lake completes an index that a killed run left behind, and make -n and -q report it', async t => {
  const space = await lake(t)
  const before = await contents(space.paths)
  assert.equal((await space.make('-q lake')).status, 0)
  const { summaries, index, files } = space.paths
  await rm(summaries)
  await rm(join(index, 'objects/year=2025'), { recursive: true })
  await rm(files)
  assert.equal((await space.make('-q lake')).status, 1)
  assert.match((await space.make('-n lake')).out, /\nindex 2025-03\nlist the files of the lake\n$/)
  const { status, out, err } = await space.make('lake')
  assert.deepEqual([status, err, monthsIn(out.split('\n'))], [0, '', ['2025-03']])
  assert.deepEqual(differing(await contents(space.paths), before), [])
})

test('names the nights of which it cannot read the lake, and indexes the others', async t => {
  const space = await lake(t)
  const night = nightOf(NIGHTS[0]?.name ?? '')
  const [file = assert.fail()] = (await readManifest(space.paths, night))?.files ?? []
  const path = join(space.paths.partition(night), file.name)
  const bytes = await readFile(path)
  const before = await contents(space.paths)
  await makeEarlier(space.paths)
  await writeFile(path, bytes.subarray(0, 1000))
  const { status, out, err } = await space.make('index')
  assert.equal(status, 2)
  assert.match(out, new RegExp(`^FAILED +${night.stem} +it has no candidates file: ${path} cannot be read: `, 'm'))
  assert.match(err, new RegExp(`^error: 1 night failed \\(${night.stem}\\): make check finds the cause$`, 'm'))
  assert.deepEqual(monthsIn(out.split('\n')), MONTHS.slice(1))
  await writeFile(path, bytes)
  assert.equal((await space.make('index')).status, 0)
  assert.deepEqual(differing(await contents(space.paths), before), [])
})

test('restores the candidates table and the index after both were deleted', async t => {
  const space = await lake(t)
  const before = await contents(space.paths)
  for (const folder of [space.paths.candidates, space.paths.index]) await rm(folder, { recursive: true })
  const { status, out, err } = await space.make('index')
  assert.deepEqual([status, err, monthsIn(out.split('\n'))], [0, '', MONTHS])
  assert.deepEqual(differing(await contents(space.paths), before), [])
})

test('refuses to index a lake that does not exist, and creates nothing', async t => {
  const space = await Workspace.open(t, [])
  await mkdir(space.paths.data)
  const { status, err } = await space.make('index')
  assert.equal(status, 2)
  assert.match(err, /^error: \S+\/lake does not exist: run make lake first, or mount its disk$/m)
  assert.equal(existsSync(space.paths.index), false)
})

test('reports an index on a read-only disk in one line, after the conversion', { skip: NO_DISK }, async t => {
  const space = await lake(t)
  const disk = await Disk.mount(t)
  await cp(space.paths.index, disk.folder, { recursive: true })
  await rm(space.paths.index, { recursive: true })
  await symlink(disk.folder, space.paths.index)
  await space.put(makeNight({ night: '20210401', alerts: 4 }))
  disk.remount('ro')
  for (const target of ['lake', 'index']) {
    const { status, out, err } = await space.make(target)
    assert.equal(status, 2)
    if (target === 'lake') assert.match(out, /^converted ztf_public_20210401 /m)
    assert.match(err, /^error: \S+ is on a disk that is mounted read-only: mount it for writing, or [^\n]+$/m)
    assert.doesNotMatch(out + err, /\bEROFS\b|^ +at /m)
    assert.deepEqual(existsSync(space.paths.lock('lake')), false)
  }
  disk.remount('rw')
  const { status, err } = await space.make('lake')
  assert.deepEqual([status, err], [0, ''])
  assert.equal((await space.make('check')).status, 0)
})

test('names a full disk of the index, and completes it later', { skip: NO_DISK }, async t => {
  const space = await lake(t)
  const before = await contents(space.paths)
  const disk = await Disk.mount(t)
  await rm(space.paths.index, { recursive: true })
  await symlink(disk.folder, space.paths.index)
  for (const pages of [0, 2, 4]) {
    await disk.fill(pages * 4096)
    const { status, out, err } = await space.make('index')
    assert.equal(status, 2, `${pages}: ${out}`)
    assert.match(out + err, /the disk of \S+ is full: free some space/)
    assert.doesNotMatch(out + err, /\bENOSPC\b|^ +at /m)
    await disk.free()
  }
  const { status, err } = await space.make('index')
  assert.deepEqual([status, err], [0, ''])
  assert.deepEqual(differing(await contents(space.paths), before), [])
})

for (const name of ["it's [a] lake*", 'year=1999/month=13/my lake'])
  test(`converts, indexes, checks and repairs in the folder ${name}`, async t => {
    const space = await lake(t)
    const data = join(space.folder, name)
    await mkdir(data, { recursive: true })
    await cp(space.paths.tarballs, join(data, 'tarballs'), { recursive: true })
    const paths = new Paths(data)
    const make = async (...targets: string[]) => {
      for (const target of targets) {
        const { status, err } = await space.makeWith([target, 'ALERTS_PER_FILE=5', `DATA=${data}`])
        assert.deepEqual([status, err], [0, ''], target)
      }
    }
    await make('lake', 'check')
    assert.deepEqual(differing(await contents(paths), await contents(space.paths)), [])
    await rm(paths.candidatesFile(nightOf(NIGHTS[0]?.name ?? '')))
    await make('repair', 'check')
    await makeEarlier(paths)
    await make('index', 'check')
    assert.deepEqual(differing(await contents(paths), await contents(space.paths)), [])
  })

/** A lake of `NIGHTS`, with several files per night, made by make lake. */
async function lake(t: TestContext): Promise<Workspace> {
  const space = await Workspace.open(t, [])
  await space.put(...NIGHTS)
  const { status, err } = await space.make('lake ALERTS_PER_FILE=5')
  assert.deepEqual([status, err], [0, ''])
  return space
}

/** Contents of the lake, the candidates table and the index. */
async function contents(paths: Paths): Promise<Map<string, string>> {
  return new Map([...(await tablesOf(paths)), ...(await bytesBelow(paths.lake))])
}
