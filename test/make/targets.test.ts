import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nightEntry, tableText } from '../support/archive-table.ts'
import { nightOf } from '../support/data-folder.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { makeGate } from '../support/gate.ts'
import { emptyNight, makeNight, type SyntheticNight } from '../support/night.ts'
import { stemsIn } from '../support/output.ts'
import { copyProject } from '../support/project-copy.ts'
import { PROJECT, run } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401', '20250325'].map(night => makeNight({ night, alerts: 6 }))
const NAMES = NIGHTS.map(({ name }) => name)
const STEMS = NAMES.map(name => nightOf(name).stem)
const [FIRST, SECOND] = NIGHTS as [SyntheticNight, SyntheticNight]

test('make -j3 uris download lake takes the three steps one after the other', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const { status, out, err } = await space.make('-j3 uris download lake')
  assert.deepEqual([status, err], [0, ''])
  const order = [
    /^4 nights listed: /m,
    /^4 nights to fetch/m,
    /^4 nights fetched, 4 on disk$/m,
    /^4 nights into the lake/m,
  ]
  const positions = order.map(line => out.search(line))
  assert.deepEqual([positions.toSorted((a, b) => a - b), positions.includes(-1)], [positions, false], out)
  assert.equal((await space.make('-q lake')).status, 0)
})

test('make stops at the first step that fails', async t => {
  const space = await Workspace.open(t, NIGHTS)
  space.archive.faults.set('', { status: 404 })
  const { status, out } = await space.make('uris download lake')
  assert.deepEqual([status, stemsIn(out, 'fetched'), stemsIn(out, 'converted')], [2, [], []])
})

for (const args of ['-j2 download', 'download -j2', '-j download'])
  test(`make ${args} downloads several nights at a time`, { timeout: 120_000 }, async t => {
    const space = await Workspace.open(t, NIGHTS.slice(0, 2))
    await space.make('uris')
    // The first arrives only after the second was requested.
    const gate = makeGate()
    space.archive.faults.set(FIRST.name, { before: () => gate.opened })
    space.archive.faults.set(SECOND.name, { before: async () => gate.open() })
    const { status, out } = await space.make(args)
    assert.deepEqual([status, stemsIn(out, 'fetched').sort()], [0, STEMS.slice(0, 2)])
  })

test('make download fetches one night at a time, in date order', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  space.archive.requests.length = 0
  const { status, out } = await space.make('download')
  assert.deepEqual([status, stemsIn(out, 'fetched')], [0, STEMS])
  const requested = space.archive.requests.map(({ url }) => url.slice(url.lastIndexOf('/') + 1))
  assert.deepEqual(
    requested.filter((name, i) => name !== requested[i - 1]),
    NAMES,
  )
})

test('make -C works from another folder, and takes relative folders as those of the project', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const cwd = await temporaryFolder(t)
  for (const target of ['uris', 'download', 'lake', 'status', 'check']) {
    const { status, err } = await space.make(`-C ${PROJECT} ${target}`, { cwd })
    assert.deepEqual([status, err], [0, ''], target)
  }
  const project = await copyProject(t, { packages: true })
  const settings = [`ARCHIVE=${space.archive.url}`, 'DATA=some/data', 'URIS=some/uris']
  await mkdir(join(project, 'some'))
  for (const target of ['uris', 'download', 'lake'])
    assert.equal((await run('make', ['-C', project, target, ...settings], { cwd })).status, 0, target)
  assert.deepEqual((await readdir(join(project, 'some/data/lake/_manifest'))).length, NIGHTS.length)
  assert.deepEqual(await readdir(cwd), [])
})

test('make uris LISTING=- reads the standard input of make', async t => {
  const space = await Workspace.open(t, [])
  const input = tableText([nightEntry('20200101'), nightEntry('20200102')])
  const { status, err } = await space.make('uris LISTING=-', { input })
  assert.deepEqual([status, err], [0, ''])
  assert.equal((await readFile(join(space.uris, '2020/001.txt'), 'utf8')).trim().split('\n').length, 2)
})

test('NIGHTS selects what is downloaded and what is converted', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  space.asked()
  assert.equal((await space.make('download NIGHTS=2019..2021')).status, 0)
  assert.deepEqual([...new Set(space.asked())], NAMES.slice(1, 3))
  for (const [selection, expected] of [
    ['2018,2025', []],
    ['20191003', STEMS.slice(1, 2)],
  ] as const) {
    const { status, out } = await space.make(`lake NIGHTS=${selection}`)
    assert.deepEqual([status, stemsIn(out, 'converted')], [expected.length > 0 ? 0 : 2, expected])
  }
})

test('names a selection without nights', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  const download = await space.make('download NIGHTS=20990101')
  assert.equal(download.status, 2)
  assert.match(download.err, /^error: none of the 4 listed nights matches NIGHTS$/m)
  const lake = await space.make('lake NIGHTS=20990101')
  assert.equal(lake.status, 2)
  assert.match(lake.err, /^error: none of the selected nights is on disk or in the lake: run make download first$/m)
  const before = await snapshot(space.uris)
  const uris = await space.make('uris NIGHTS=20990101')
  assert.equal(uris.status, 2)
  assert.match(uris.err, /^error: no listed night matches NIGHTS; nothing was changed: give other NIGHTS$/m)
  assert.deepEqual(await snapshot(space.uris), before)
})

test('says that a listed night is empty, and that nothing is left to do', async t => {
  const space = await Workspace.open(t, [...NIGHTS, emptyNight('20200429', 'tar')])
  const lastLine = async (args: string) => {
    const { status, out, err } = await space.make(args)
    assert.deepEqual([status, err], [0, ''], args)
    return out.trimEnd().split('\n').at(-1)
  }
  await space.make('uris')
  const empty = '20200429 is listed without alerts'
  assert.equal(await lastLine('download NIGHTS=20200429'), `nothing to download: ${empty}`)
  assert.equal(await lastLine('lake NIGHTS=20200429'), `nothing to convert: ${empty}`)
  assert.equal(await lastLine('all NIGHTS=20200429'), `nothing to download or convert: ${empty}`)
  await space.make('all')
  assert.equal(await lastLine('download'), 'nothing to download: every selected night is on disk or in the lake')
  assert.equal(await lastLine('lake'), 'nothing to convert: 4 selected nights on disk, 4 nights in the lake')
  assert.equal(await lastLine('all'), 'nothing to download or convert: 4 nights in the lake')
  for (const command of ['look OBJECT=ZTF18aaaaaaa', 'curve OBJECT=ZTF18aaaaaaa', 'cone RA=1 DEC=2 RADIUS=5']) {
    const { err } = await space.make(`${command} NIGHTS=20200429`)
    assert.match(err, new RegExp(`^error: nothing to read: ${empty}; give other NIGHTS$`, 'm'), command)
  }
  assert.match(
    (await space.make('check NIGHTS=20200429')).err,
    new RegExp(`none of the selected nights: ${empty}$`, 'm'),
  )
})

test('leaves the user’s own tarballs and links in place, and converts them', async t => {
  const space = await Workspace.open(t, NIGHTS, { MD5SUMS: '' })
  await space.make('uris')
  space.asked()
  const [target, link] = [join(space.folder, 'elsewhere.tar.gz'), join(space.paths.tarballs, SECOND.name)]
  await space.put(FIRST)
  await writeFile(target, SECOND.bytes)
  await symlink(target, link)
  const before = await snapshot(space.paths.tarballs)
  const { status, out } = await space.make('download')
  assert.equal(status, 0)
  assert.match(out, /^2 nights fetched, 4 on disk$/m)
  assert.deepEqual([...new Set(space.asked())], NAMES.slice(2))
  const after = await snapshot(space.paths.tarballs)
  for (const [name, file] of before) assert.equal(after.get(name), file, name)
  assert.equal(await readlink(link), target)
  assert.deepEqual(stemsIn((await space.make('lake')).out, 'converted').sort(), STEMS)
})
