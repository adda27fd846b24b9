import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { acquireLock, releaseLock } from '../../lib/core/lock.ts'
import { nightEntry, sumsText, tableText } from '../support/archive-table.ts'
import { nightOf } from '../support/data-folder.ts'
import { temporaryFolder } from '../support/folder.ts'
import { makeNight, type SyntheticNight } from '../support/night.ts'
import { previewed, statusRows, stemsIn } from '../support/output.ts'
import { killDownload } from '../support/processes.ts'
import { PROJECT, type Running, run } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = ['20180713', '20191003', '20210401'].map(night => makeNight({ night, alerts: 8 }))
const [FIRST, SECOND] = NIGHTS as [SyntheticNight, SyntheticNight]
const NAMES = NIGHTS.map(({ name }) => name)
const { stem: first } = nightOf(FIRST.name)
/** Large enough for aria2c to resume: it does so at whole blocks of 16 KiB. */
const LONG = makeNight({ night: '20210401', alerts: 60 })

test('downloads the other nights if the archive lacks one, and that one once it is there', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  space.archive.faults.set(FIRST.name, { status: 404 })
  const { status, out, err } = await space.make('download -j2')
  assert.equal(status, 2)
  const reason = 'it was not fetched: the archive has no such file \\(404\\)'
  // Once.
  assert.deepEqual(out.match(new RegExp(reason, 'g')), ['it was not fetched: the archive has no such file (404)'])
  assert.match(out, new RegExp(`^FAILED +${first} +${reason}$`, 'm'))
  assert.match(
    err,
    new RegExp(`^error: 1 night not fetched \\(${first}\\): run make download again\nmake: .* Error 1\n$`),
  )
  for (const { name, bytes } of NIGHTS.slice(1)) assert.ok((await space.tarball(name))?.equals(bytes), name)
  const { out: lines } = await space.make('status')
  assert.deepEqual([statusRows(lines).get('failed'), statusRows(lines).get('missing')?.[0]], [['1'], '1'])
  assert.match(lines, new RegExp(`^failed +${first}: ${reason}$`, 'm'))

  space.archive.faults.clear()
  space.asked()
  assert.deepEqual(previewed((await space.make('-n download')).out, 'fetch'), [FIRST.name])
  assert.equal((await space.make('download')).status, 0)
  assert.deepEqual([...new Set(space.asked())], [FIRST.name])
  assert.deepEqual(statusRows((await space.make('status')).out).get('failed'), ['0'])
})

test('resumes a transfer that was cut', async t => {
  const space = await Workspace.open(t, [LONG])
  await space.make('uris')
  const cut = Math.floor(LONG.bytes.length / 2)
  space.archive.faults.set(LONG.name, { cutAfter: cut, times: 1 })
  assert.equal((await space.make('download')).status, 0)
  assert.ok((await space.tarball(LONG.name))?.equals(LONG.bytes))
  const starts = rangeStarts(space)
  assert.ok(
    starts.some(start => start > 0 && start <= cut),
    `range starts: ${starts}`,
  )
})

for (const [what, share] of [
  ['half', 0.5],
  ['all', 1],
] as const)
  test(`resumes a download of which an earlier run left ${what} of the bytes`, async t => {
    const { name, bytes } = LONG
    const space = await Workspace.open(t, [LONG])
    await space.make('uris')
    await mkdir(space.paths.tarballs, { recursive: true })
    const part = bytes.subarray(0, Math.floor(bytes.length * share))
    await writeFile(space.paths.part(nightOf(name)), part)
    assert.equal((await space.make('download')).status, 0)
    assert.ok((await space.tarball(name))?.equals(bytes))
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', name])
    const starts = rangeStarts(space)
    if (share < 1)
      assert.ok(
        starts.some(start => start > 0 && start <= part.length),
        `range starts: ${starts}`,
      )
  })

test('starts a download again if a full disk has left an empty control file', async t => {
  const { name, bytes } = LONG
  const space = await Workspace.open(t, [LONG])
  await space.make('uris')
  await mkdir(space.paths.tarballs, { recursive: true })
  const part = space.paths.part(nightOf(name))
  await writeFile(part, bytes.subarray(0, 1_000_000))
  await writeFile(`${part}.aria2`, '')
  assert.equal((await space.make('download')).status, 0)
  assert.ok((await space.tarball(name))?.equals(bytes))
})

test('gives a tarball with the wrong MD5 no name, and downloads it again the next time', async t => {
  const wrong = `${'0'.repeat(32)}  ${FIRST.name}\n`
  const space = await Workspace.open(t, NIGHTS.slice(0, 2), { MD5SUMS: sumsText(NIGHTS.slice(0, 2)) + wrong })
  await space.make('uris')
  for (const _ of [1, 2]) {
    space.asked()
    const { status, out } = await space.make('download')
    assert.equal(status, 2)
    assert.match(
      out,
      new RegExp(`^FAILED +${first}  it was not fetched: its MD5 is [^\n]+, but the archive lists [^\n]+$`, 'm'),
    )
    assert.ok(space.asked().includes(FIRST.name))
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', SECOND.name])
  }
})

test('does not convert a tarball that is not the listed one', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  await space.make('uris')
  await space.make('download')
  await space.put({ ...makeNight({ night: '20180713', alerts: 3 }), name: FIRST.name })
  const { status, out, err } = await space.make('lake')
  assert.equal(status, 2)
  const reason = 'it was not converted: its MD5 is [0-9a-f]{32}, but the archive lists [0-9a-f]{32}: '
  assert.match(out, new RegExp(`^FAILED +${first} +${reason}`, 'm'))
  assert.match(err, new RegExp(`^error: 1 night failed \\(${first}\\): run make lake again$`, 'm'))
  assert.deepEqual(stemsIn(out, 'converted'), [nightOf(SECOND.name).stem])
})

test('does not start a download that the disk cannot hold', async t => {
  const space = await Workspace.open(t, [])
  const LISTING = join(space.folder, 'table.txt')
  await writeFile(LISTING, tableText([nightEntry('20200101')]).replace('100M', '900T'))
  await space.make(`uris LISTING=${LISTING}`)
  const { status, err } = await space.make('download -j2')
  assert.equal(status, 2)
  assert.match(
    err,
    /^error: 900\.00 TiB are left to fetch, but the disk of \S+ has only \S+ [KMGT]iB free, \S+ TiB too little: /m,
  )
  assert.deepEqual([space.asked(), await readdir(space.paths.tarballs)], [[], []])
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
})

test('tries a night once more if its download process was killed', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  const run = killing(space, FIRST.name, 1)
  const { status, out } = await run.ran
  assert.deepEqual([status, run.kills], [0, 1], out)
  for (const { name, bytes } of NIGHTS) assert.ok((await space.tarball(name))?.equals(bytes), name)
})

test('downloads the other nights if a download process was killed twice, and that night in the next run', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  const run = killing(space, FIRST.name, 2)
  const { status, out, err } = await run.ran
  assert.deepEqual([status, run.kills], [2, 2], out)
  assert.match(out, new RegExp(`^FAILED {4}${first} {2}it was not fetched: its process died twice: `, 'm'))
  const reason = 'it was not fetched: its process died twice: [^\n]+'
  assert.match(err, new RegExp(`^error: 1 night not fetched \\(${first}\\): run make download again$`, 'm'))
  assert.match((await space.make('status')).out, new RegExp(`^failed +${first}: ${reason}$`, 'm'))
  assert.deepEqual(await readdir(join(space.paths.data, 'lock')), [])
  for (const { name, bytes } of NIGHTS.slice(1)) assert.ok((await space.tarball(name))?.equals(bytes), name)
  assert.equal((await space.make('download')).status, 0)
  assert.ok((await space.tarball(FIRST.name))?.equals(FIRST.bytes))
})

test('passes no more than one name on a command line, however many nights are missing', async t => {
  const folder = await temporaryFolder(t)
  const names = Array.from({ length: 8000 }, (_, i) => `ztf_public_${20_180_000 + i}.tar.gz`)
  await writeFile(join(folder, 'missing'), names.join(' '))
  const makefile = join(PROJECT, 'scripts/nights.mk')
  const { status, out } = await run('make', ['-n', '-f', makefile, '-C', folder], { env: { ZTF_LAKE_RUN: folder } })
  assert.equal(status, 0)
  const started = [...out.matchAll(/sh scripts\/run\.sh fetch-night (.*?) \|\|/g)].map(([, arguments_]) => arguments_)
  assert.deepEqual(started, names)
})

test('leaves no run folder, and takes none that a killed run left for its own', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  await mkdir(space.paths.downloadRun, { recursive: true })
  await writeFile(space.paths.downloadLimit, '')
  await writeFile(join(space.paths.downloadRun, 'missing'), 'ztf_public_19990101.tar.gz')
  assert.equal((await space.make('download', {})).status, 0)
  assert.equal(existsSync(space.paths.downloadRun), false)
  for (const name of NAMES) assert.ok(await space.tarball(name), name)
})

test('leaves the progress of the run that holds the lock', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  const lock = space.paths.lock('download')
  await acquireLock(lock, { folder: space.paths.tarballs, what: 'a test', onWait: () => {} })
  t.after(() => releaseLock(lock))
  await writeFile(space.paths.progress('download'), '[]')
  assert.match((await space.make('download')).err, /^error: a test \(process \d+ on [^)]+\) is using /m)
  assert.equal(await readFile(space.paths.progress('download'), 'utf8'), '[]')
})

/** Starts of the byte ranges that the archive was asked for. */
function rangeStarts({ archive }: Workspace): number[] {
  return archive.requests.flatMap(({ range }) => (range ? [Number(/\d+/.exec(range)?.[0])] : []))
}

/** Starts `make download`, and kills a night's process when the archive first hears of it, `times` times. */
function killing(space: Workspace, name: string, times: number): Running & { kills: number } {
  const running = { ...space.start('download'), kills: 0 }
  const before = async () => {
    killDownload(running.child.pid as number, name)
    running.kills++
  }
  space.archive.faults.set(name, { times, before })
  return running
}
