import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { nightEntry, tableText } from '../support/archive-table.ts'
import { nightOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { makeGate } from '../support/gate.ts'
import { ask } from '../support/lake-reader.ts'
import { makeNight, readableAlerts, type SyntheticNight } from '../support/night.ts'
import { previewed, stemsIn } from '../support/output.ts'
import { start } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401', '20250325'].map(night => makeNight({ night, alerts: 8 }))
const [FIRST, SECOND, THIRD] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight]
const [first, second, third] = NIGHTS.map(({ name }) => nightOf(name).stem) as [string, string, string]

for (const target of ['all', 'all -j2'])
  test(`converts a night while the next is downloaded: make ${target}`, async t => {
    const space = await Workspace.open(t, NIGHTS.slice(0, 2))
    space.archive.faults.set(SECOND.name, { before: () => space.until(() => space.isInLake(FIRST)) })
    const { status, out, err } = await space.make(target)
    assert.deepEqual([status, err], [0, ''])
    for (const word of ['fetched', 'converted'] as const) assert.deepEqual(stemsIn(out, word).sort(), [first, second])
    assert.match(out, /^2 nights into the lake, 16 alerts: /m)
  })

test('with KEEP_TARS=no leaves no tarball, and a second run does nothing', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const { status, err } = await space.make('all -j2 KEEP_TARS=no CONNECTIONS=2')
  assert.deepEqual([status, err], [0, ''])
  const [row] = await ask(space.paths, 'select count(*)::int as alerts from LAKE')
  assert.equal(row?.alerts, readableAlerts(...NIGHTS).length)
  assert.deepEqual(await tarballs(space), [])
  space.asked()
  const before = await snapshot(space.folder)
  for (const target of ['all -j2 KEEP_TARS=no', 'all']) {
    const again = await space.make(target)
    assert.deepEqual([again.status, again.err], [0, ''])
    assert.doesNotMatch(again.out, /^(fetched|converted|checked)/m)
    assert.deepEqual([space.asked(), await snapshot(space.folder)], [['', 'MD5SUMS'], before])
  }
})

test('converts tarballs on disk, and with KEEP_TARS=no removes those that earlier runs left', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  await space.make('uris')
  await space.make('download lake NIGHTS=2018')
  await space.make('download NIGHTS=2019')
  space.asked()
  const preview = (await space.make('-n all KEEP_TARS=no')).out
  assert.deepEqual(
    (['fetch', 'convert', 'remove'] as const).map(verb => previewed(preview, verb)),
    [[THIRD.name], [second], [FIRST.name]],
  )
  const { status, out } = await space.make('all KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(out, new RegExp(`^checked +${first} +tarball removed$`, 'm'))
  assert.deepEqual(stemsIn(out, 'converted').sort(), [second, third])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', THIRD.name])
  assert.deepEqual(await tarballs(space), [])
})

test('goes on after every kind of failure, and names them at the end', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  await space.make('uris')
  await space.make('download NIGHTS=2019')
  await writeFile(space.paths.tarball(nightOf(SECOND.name)), FIRST.bytes)
  space.archive.faults.set('', { status: 500 })
  space.archive.faults.set(FIRST.name, { status: 404 })
  const { status, out, err } = await space.make('all')
  assert.equal(status, 2)
  assert.deepEqual(stemsIn(out, 'converted'), [third])
  const last = err.split('\n').findLast(line => line.startsWith('error: '))
  const problems = `make uris failed; 1 night not fetched (${first}): run make all again; 1 night failed (${second})`
  assert.equal(last, `error: ${problems}: run make all again`)
  assert.match(out, new RegExp(`^FAILED +${first}  it was not fetched: the archive has no such file \\(404\\)$`, 'm'))

  space.archive.faults.clear()
  space.asked()
  await space.put(SECOND)
  assert.equal((await space.make('all')).status, 0)
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', FIRST.name])
})

test('its downloads stop within seconds when it is killed, and the next run does what is missing', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  const halfWay = makeGate()
  space.archive.faults.set(SECOND.name, {
    before: async () => {
      await space.until(() => space.isInLake(FIRST))
      halfWay.open()
      await new Promise(() => {})
    },
  })
  const env = { DATA: space.paths.data, URIS: space.uris, ARCHIVE: space.archive.url }
  const { child, ran } = space.track(start('node', ['.build/all.js'], { env }))
  await Promise.race([halfWay.opened, ran])
  child.kill('SIGKILL')
  const { status, out, err } = await ran
  assert.deepEqual([status, stemsIn(out, 'fetched')], [null, [first]])
  assert.match(err, /^error: the run has ended, so this stops: the next run resumes$/m)
  space.archive.faults.clear()
  space.asked()
  const again = await space.make('all')
  assert.deepEqual([again.status, again.err], [0, ''])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', SECOND.name])
  assert.deepEqual(stemsIn(again.out, 'converted'), [second])
})

test('make -n all prints the steps, make -q all exits with 1, and both do nothing', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  await space.make('uris')
  await space.make('download NIGHTS=2018')
  space.asked()
  const before = await snapshot(space.folder)
  const { status, out } = await space.make('-n all -j2')
  assert.equal(status, 0)
  const steps = ['sh scripts/run.sh all', 'list the archive', `fetch ${SECOND.name}`, `convert ${first}`]
  assert.deepEqual(out.trim().split('\n'), steps)
  assert.equal((await space.make('-q all')).status, 1)
  assert.deepEqual([space.asked(), await snapshot(space.folder)], [[], before])
})

test('asks for disk space for the lake, and for the tarballs that are on disk at a time', async t => {
  const space = await Workspace.open(t, [])
  const LISTING = join(space.folder, 'table.txt')
  await writeFile(LISTING, tableText([nightEntry('20200101'), nightEntry('20200102')]).replaceAll('100M', '400T'))
  const lake = '752\\.\\d\\d TiB of lake, about, are to be written'
  for (const [settings, needed] of [
    ['KEEP_TARS=yes', '800\\.00 TiB are left to fetch'],
    ['KEEP_TARS=no AHEAD=1', '400\\.00 TiB of tarballs are on disk at a time'],
    ['KEEP_TARS=no AHEAD=500T', '500\\.00 TiB of tarballs are on disk at a time'],
  ]) {
    const { status, err } = await space.make(`all -j2 LISTING=${LISTING} ${settings}`)
    assert.equal(status, 2)
    const sentence = `^error: ${needed}, ${lake}, but the disk of \\S+ has only \\S+ [KMGT]iB free, \\S+ TiB too little: `
    assert.match(err, new RegExp(sentence, 'm'))
  }
  assert.deepEqual(await readdir(space.paths.tarballs), [])
})

test('refuses a LAUNCHER before any work', async t => {
  const space = await Workspace.open(t, NIGHTS)
  const { status, err } = await space.make('all LAUNCHER=srun')
  assert.equal(status, 2)
  assert.match(err, /^error: make all converts on one host: unset LAUNCHER, or run make uris download lake instead$/m)
  assert.deepEqual([space.asked(), await readdir(space.folder)], [[], []])
})

async function tarballs({ paths }: Workspace): Promise<string[]> {
  return (await readdir(paths.tarballs)).filter(name => name !== '.md5')
}
