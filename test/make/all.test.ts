import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseListing } from '../../lib/archive/listing.ts'
import { bytesInFront } from '../../lib/archive/throttle.ts'
import { jobsFlag } from '../../lib/core/shell.ts'
import { recordFailure } from '../../lib/nights/failures.ts'
import { makeNight, readableAlerts, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { ask } from '../support/lake-reader.ts'
import { cleanEnvironment, PROJECT } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401', '20250325'].map(night => makeNight({ night, alerts: 8 }))
const [FIRST, SECOND, THIRD] = NIGHTS as [SyntheticNight, SyntheticNight, SyntheticNight]
const STEMS = NIGHTS.map(({ name }) => nightOf(name).stem)
const [first, second, third] = STEMS as [string, string, string]

for (const jobs of ['', ' -j2'])
  test(`a night is converted while the next is still to be fetched: make all${jobs}`, async t => {
    const space = await Workspace.open(t, NIGHTS.slice(0, 2))
    space.archive.faults.set(SECOND.name, { before: () => inLake(space, FIRST) })
    const { status, out, err } = await space.make(`all${jobs}`)
    assert.deepEqual([status, err], [0, ''])
    const told = [...out.matchAll(/^(fetched|converted) +(\S+)/gm)].map(([, what, stem]) => `${what} ${stem}`)
    assert.deepEqual(
      told.sort(),
      ['converted', 'fetched'].flatMap(what => [`${what} ${first}`, `${what} ${second}`]),
    )
    assert.match(out, /^2 nights into the lake, 16 alerts: /m)
  })

test('make all KEEP_TARS=no leaves the lake alone, and a rerun has nothing to do', async t => {
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

test('what is on disk at the start is converted, and what an earlier run left behind is removed', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  await space.make('uris')
  await space.make('download lake NIGHTS=2018')
  await space.make('download NIGHTS=2019')
  space.asked()
  const { status, out } = await space.make('all KEEP_TARS=no')
  assert.equal(status, 0)
  assert.match(out, new RegExp(`^checked +${first} +tarball removed$`, 'm'))
  assert.deepEqual(conversions(out), [second, third])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', THIRD.name])
  assert.deepEqual(await tarballs(space), [])
})

test('downloads run no further in front of the conversion than AHEAD', async t => {
  const space = await Workspace.open(t, NIGHTS)
  // Room for two of the first three, not for all of them.
  const most = [FIRST, SECOND, THIRD].reduce((sum, { bytes }) => sum + bytes.length, -FIRST.bytes.length / 2)
  const { reached: thirdWaits, reach: release } = point()
  const tooEarly: string[] = []
  for (const [i, { name, bytes }] of NIGHTS.entries())
    space.archive.faults.set(name, {
      before: async () => {
        const front = NIGHTS.slice(0, i).filter(night => !isInLake(space, night))
        const total = front.reduce((sum, night) => sum + night.bytes.length, bytes.length)
        if (total > most) tooEarly.push(name)
        // The first is not there before the third has been found to be too much, or has come all the same.
        if (i >= 2) release()
        if (i === 0) await thirdWaits
      },
    })
  // What failed in an earlier run is in front as well.
  await recordFailure(space.paths, nightOf(FIRST.name), 'it was not fetched: by an earlier run')
  const AHEAD = `${Math.round(most / 1024)}K`
  const { status, out, err } = await space.make(`all -j4 KEEP_TARS=no AHEAD=${AHEAD}`, {
    onOut: text => text.includes(`waiting   ${third}`) && release(),
  })
  assert.deepEqual([status, err, tooEarly], [0, '', []])
  assert.match(out, new RegExp(`^waiting +${third} +\\S+ KiB, with \\S+ KiB in front: AHEAD is \\S+ KiB$`, 'm'))
  assert.deepEqual(conversions(out), STEMS)
})

test('a night larger than AHEAD goes once nothing is in front of it, and one that failed is not in front', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  space.archive.faults.set(FIRST.name, { status: 404 })
  const early: boolean[] = []
  space.archive.faults.set(THIRD.name, { before: async () => early.push(!isInLake(space, SECOND)) })
  const { status, out } = await space.make('all -j3 KEEP_TARS=no AHEAD=1K')
  assert.equal(status, 2)
  assert.deepEqual(conversions(out), [second, third])
  assert.ok(early.length > 0 && !early.includes(true), String(early))
})

test('nothing waits where tarballs are kept, or nothing is converted beside the download', async t => {
  for (const target of ['all AHEAD=0', 'download AHEAD=0 KEEP_TARS=no']) {
    const space = await Workspace.open(t, NIGHTS.slice(0, 2))
    await space.make('uris')
    // Were the second to wait for the first, neither would come.
    const { reached, reach } = point()
    space.archive.faults.set(FIRST.name, { before: () => reached })
    space.archive.faults.set(SECOND.name, { before: async () => reach() })
    const { status, out } = await space.make(`${target} -j2`)
    assert.equal(status, 0)
    assert.equal(out.match(/^fetched /gm)?.length, 2)
  }
})

test('in front are the nights that are neither in the lake nor failed, by their size on disk or in the listing', async t => {
  const paths = await dataFolder(t)
  const listing = parseListing(tableText(NIGHTS.map(({ name }) => nightEntry(nightOf(name).date))), ADDRESS)
  const listed = listing[0]?.bytes ?? assert.fail()
  const began = Date.now()
  assert.equal(await bytesInFront(paths, listing, began), 4 * listed)
  await writeFile(paths.tarball(nightOf(FIRST.name)), 'some bytes')
  assert.equal(await bytesInFront(paths, listing, began), 10 + 3 * listed)
  await convert(paths, SECOND)
  assert.equal(await bytesInFront(paths, listing, began), 10 + 2 * listed)
  await recordFailure(paths, nightOf(THIRD.name), 'it was not fetched')
  assert.equal(await bytesInFront(paths, listing, began), 10 + listed)
  // Given up: neither its part nor this run has shown a sign of it for an hour.
  const hour = 3_600_000
  assert.equal(await bytesInFront(paths, listing, began - hour), 10)
  await writeFile(paths.part(nightOf(NIGHTS[3]?.name ?? '')), '')
  assert.equal(await bytesInFront(paths, listing, began - hour), 10 + listed)
})

test('what fails stops nothing else, and the end names it', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 3))
  await space.make('uris')
  await space.make('download NIGHTS=2019')
  await writeFile(space.paths.tarball(nightOf(SECOND.name)), FIRST.bytes)
  space.archive.faults.set('', { status: 500 })
  space.archive.faults.set(FIRST.name, { status: 404 })
  const { status, out, err } = await space.make('all')
  assert.equal(status, 2)
  assert.deepEqual(conversions(out), [third])
  const lines = err.split('\n').filter(line => line.startsWith('error: '))
  const end = `make uris failed, make download failed, 1 night failed (${second}): make all tries again`
  assert.equal(lines.at(-1), `error: ${end}`)
  assert.match(out, new RegExp(`^${first}: it was not fetched: the archive has no such file \\(404\\)$`, 'm'))

  space.archive.faults.clear()
  space.asked()
  await writeFile(space.paths.tarball(nightOf(SECOND.name)), SECOND.bytes)
  assert.equal((await space.make('all')).status, 0)
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', FIRST.name])
})

test('when make all is killed its downloads end too, and the next run does only what is missing', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  const { reached: halfWay, reach } = point()
  const never = new Promise(() => {})
  space.archive.faults.set(SECOND.name, {
    before: () =>
      inLake(space, FIRST)
        .then(reach)
        .then(() => never),
  })
  const settings = { DATA: space.paths.data, URIS: space.uris, ARCHIVE: space.archive.url }
  const env = { ...cleanEnvironment(), ...settings }
  const child = spawn('node', ['.build/all.js'], { cwd: PROJECT, env })
  const [out, err, closed] = [text(child.stdout), text(child.stderr), once(child, 'close')]
  await halfWay
  child.kill('SIGKILL')
  // Standard output ends when the last process that holds it does.
  assert.match(await out, new RegExp(`^fetched +${first} `, 'm'))
  assert.match(await err, /^error: make all has ended, and with it this: the next run goes on from there$/m)
  await closed
  space.archive.faults.clear()
  space.asked()
  const again = await space.make('all')
  assert.deepEqual([again.status, again.err], [0, ''])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', SECOND.name])
  assert.deepEqual(conversions(again.out), [second])
})

test('make -n all says what would be done, make -q all that there is something, and neither does it', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  await space.make('uris')
  await space.make('download NIGHTS=2018')
  space.asked()
  const before = await snapshot(space.folder)
  const { status, out } = await space.make('-n all -j2 KEEP_TARS=no')
  assert.equal(status, 0)
  for (const line of ['uris.js', `fetch.js ${SECOND.name}`, `lake.js ${first}`])
    assert.match(out, new RegExp(`\\.build/${line}$`, 'm'))
  assert.equal((await space.make('-q all')).status, 1)
  assert.deepEqual([space.asked(), await snapshot(space.folder)], [[], before])
})

test('the room that make all asks for is that of the tarballs at a time and of the lake', async t => {
  const space = await Workspace.open(t, [])
  const LISTING = join(space.folder, 'table.txt')
  await writeFile(LISTING, tableText([nightEntry('20200101'), nightEntry('20200102')]).replaceAll('100M', '400T'))
  const lake = '752\\.\\d\\d TiB of lake, about, are to be written'
  for (const [settings, tarballs] of [
    ['KEEP_TARS=yes', '800\\.00 TiB are left to fetch'],
    ['KEEP_TARS=no AHEAD=1', '400\\.00 TiB of tarballs are there at a time'],
    ['KEEP_TARS=no AHEAD=500T', '500\\.00 TiB of tarballs are there at a time'],
  ]) {
    const { status, err } = await space.make(`all -j2 LISTING=${LISTING} ${settings}`)
    assert.equal(status, 2)
    const sentence = `^error: ${tarballs}, ${lake}, but the disk of \\S+ has only \\S+ [KMGT]iB free, \\S+ TiB too little: `
    assert.match(err, new RegExp(sentence, 'm'))
  }
  assert.deepEqual(await readdir(space.paths.tarballs), [])
})

test('make all fetches as many at a time as it was told to', () => {
  assert.deepEqual(jobsFlag('r -j5 --jobserver-auth=3,4 --no-print-directory -- DATA=b'), ['-j5'])
  assert.deepEqual(jobsFlag(' -j --jobserver-auth=fifo:/tmp/GMfifo1'), ['-j'])
  assert.deepEqual(jobsFlag('r --no-print-directory -- DATA=a\\ -j7'), [])
  assert.deepEqual(jobsFlag(''), [])
})

test('a tarball is known by its md5 when it has its name, so that none is read twice', async t => {
  const space = await Workspace.open(t, [FIRST])
  await space.make('uris')
  await space.make('download')
  const receipt = space.paths.receipt(nightOf(FIRST.name))
  const before = await snapshot(join(receipt, '..'))
  assert.equal(before.size, 1)
  assert.equal((await space.make('lake')).status, 0)
  assert.deepEqual(await snapshot(join(receipt, '..')), before)
})

/** A point in a run that others wait for. */
function point(): { reached: Promise<void>; reach: () => void } {
  let reach = () => {}
  const reached = new Promise<void>(resolve => {
    reach = resolve
  })
  return { reached, reach: () => reach() }
}

function isInLake({ paths }: Workspace, { name }: SyntheticNight): boolean {
  return existsSync(paths.manifest(nightOf(name)))
}

async function inLake(space: Workspace, night: SyntheticNight): Promise<void> {
  while (!isInLake(space, night)) await sleep(20)
}

async function tarballs({ paths }: Workspace): Promise<string[]> {
  return (await readdir(paths.tarballs)).filter(name => name !== '.md5')
}

/** The stems of the nights that were converted. */
function conversions(out: string): string[] {
  return [...out.matchAll(/^converted (\S+)/gm)].map(([, stem = '']) => stem).sort()
}
