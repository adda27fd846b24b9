import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, readdir, readFile, readlink, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readManifest } from '../../lib/lake/manifest.ts'
import { partition } from '../../lib/night.ts'
import { SETTINGS } from '../../lib/settings.ts'
import { emptyNight, expectedAlerts, makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import { ADDRESS, nightEntry, tableText } from '../support/archive-table.ts'
import { nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { ask } from '../support/lake-reader.ts'
import { PROJECT, run } from '../support/run.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12 }),
  makeNight({ night: '20191003', alerts: 7, writings: [{ version: '3.3', style: 'python' }] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
  makeNight({ night: '20210401', alerts: 9, duplicates: [2] }),
  makeNight({ night: '20250325', alerts: 15 }),
  makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } }),
]
const EMPTY = [emptyNight('20250326', 'tar'), emptyNight('20250328', 'nothing')]
const NAMES = NIGHTS.map(({ name }) => name)
const [FIRST, , , DUPLICATED, LARGEST, CUT] = NIGHTS as [
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
]
/** Long enough for aria2c to go on with. */
const LONG = makeNight({ night: '20210401', alerts: 60 })
/** One night has no line in MD5SUMS. */
const WITHOUT_MD5 = DUPLICATED

test('from nothing to the lake, and nothing is done twice', async t => {
  const space = await Workspace.open(t, [...NIGHTS, ...EMPTY], { MD5SUMS: sumsOf(NIGHTS) })

  await t.test('nothing is planned before the nights are listed', async () => {
    for (const target of ['download', '-n download']) {
      const { status, err } = await space.make(target)
      assert.equal(status, 2)
      assert.match(
        err,
        /^Makefile:\d+: \*\*\* no nights are listed yet: run make uris first\. {2}Stop\.\n(make: \*\*\* .*\n)?$/,
      )
    }
    assert.deepEqual([space.asked(), existsSync(space.paths.data)], [[], false])
  })

  await t.test('make uris lists the nights that hold alerts', async () => {
    const { status, out, err } = await space.make('uris')
    assert.deepEqual([status, err], [0, ''])
    assert.match(out, /^6 tarballs with alerts \(5 nights, 1 programid3\), 2 empty, /m)
    assert.deepEqual(space.asked(), ['', 'MD5SUMS'])
    const lists = ['2018/001.txt', '2019/001.txt', '2021/001.txt', '2025/001.txt', 'listing.tsv']
    assert.deepEqual([...(await snapshot(space.uris)).keys()], lists)
    const texts = await Promise.all(lists.slice(0, -1).map(name => readFile(join(space.uris, name), 'utf8')))
    const urls = NAMES.map(name => `${space.archive.url}${name}`)
    // Of one date, the plain name comes first.
    assert.deepEqual(texts.join('').trim().split('\n'), urls)
  })

  await t.test('make -n download names the nights to fetch, make -q that there are some', async () => {
    const { status, out } = await space.make('-n download')
    assert.equal(status, 0)
    assert.deepEqual(fetches(out), NAMES)
    assert.deepEqual(fetches((await space.make('-n download NIGHTS=2019,202103..20210401')).out), NAMES.slice(1, 4))
    assert.equal((await space.make('-q download')).status, 1)
    assert.deepEqual([space.asked(), existsSync(space.paths.data)], [[], false])
  })

  await t.test('make download fetches each night whole, and no empty one', async () => {
    const { status, out, err } = await space.make('download -j3')
    assert.deepEqual([status, err], [0, ''])
    assert.match(out, /^6 nights on disk$/m)
    assert.deepEqual([...new Set(space.asked())], NAMES.toSorted())
    for (const { name, bytes } of NIGHTS) assert.ok((await space.tarball(name))?.equals(bytes), name)
    const there = (await readdir(space.paths.tarballs)).filter(name => name !== '.md5')
    assert.deepEqual(there.sort(), NAMES.toSorted())
    assert.equal((await space.make('-q download')).status, 0)
    assert.deepEqual(fetches((await space.make('-n download')).out), [])
  })

  await t.test('make lake converts each night, and the alerts are all there', async () => {
    assert.equal((await space.make('-q lake')).status, 1)
    const { status, out, err } = await space.make('lake WORKERS=2')
    assert.deepEqual([status, err], [0, ''])
    for (const name of NAMES) assert.match(out, new RegExp(`^converted ${nightOf(name).stem} `, 'm'))
    assert.match(out, new RegExp(`^6 nights into the lake, ${expectedAlerts(...NIGHTS).length} alerts: `, 'm'))
    const rows = await ask(
      space.paths,
      `select parse_filename(filename) as file, (year || month || day)::varchar as date, list(candid order by candid) as candids
       from read_parquet(LAKE, hive_partitioning=true, hive_types_autocast=false, filename=true) group by all order by file`,
    )
    const expected = NIGHTS.map(night => {
      const candids = expectedAlerts(night).map(({ values }) => values.candid as bigint)
      const { date } = nightOf(night.name)
      return { file: parquetOf(night), date, candids: candids.sort((a, b) => (a < b ? -1 : 1)) }
    })
    assert.deepEqual(
      rows,
      expected.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    )
    assert.equal((await space.make('-q lake')).status, 0)
  })

  await t.test('make status counts what is where', async () => {
    const { status, out } = await space.make('status')
    assert.equal(status, 0)
    const alerts = String(expectedAlerts(...NIGHTS).length)
    const rows = rowsOf(out)
    assert.deepEqual(rows.get('listed')?.[0], '6')
    assert.deepEqual(rows.get('listed, empty'), ['2'])
    assert.deepEqual(rows.get('on disk'), ['6'])
    assert.deepEqual(rows.get('in the lake')?.slice(0, 2), ['6', alerts])
    assert.deepEqual(rows.get('salvaged')?.slice(0, 2), ['1', String(expectedAlerts(CUT).length)])
    for (const none of ['empty', 'waiting for make lake', 'failed']) assert.deepEqual(rows.get(none), ['0'], none)
    assert.equal(rows.get('missing')?.[0], '0')
    assert.match(out, new RegExp(`^salvaged +${CUT.name}: `, 'm'))
  })

  await t.test('everything again does nothing: no byte is fetched, no file written', async () => {
    space.asked()
    const before = await snapshot(space.folder)
    const { status, out, err } = await space.make('all -j3')
    assert.deepEqual([status, err], [0, ''])
    assert.doesNotMatch(out, /^(fetched|converted)/m)
    assert.deepEqual(space.asked(), ['', 'MD5SUMS'])
    assert.deepEqual(await snapshot(space.folder), before)
  })

  await t.test('a night taken from the lake is the only one that is made again, the same to the byte', async () => {
    const night = nightOf(LARGEST.name)
    const parquet = join(space.paths.partition(night), parquetOf(LARGEST))
    const bytes = await readFile(parquet)
    const before = await snapshot(space.paths.lake)
    await Promise.all([rm(space.paths.manifest(night)), rm(parquet)])
    assert.equal(rowsOf((await space.make('status')).out).get('waiting for make lake')?.[0], '1')
    assert.match((await space.make('-n lake')).out, new RegExp(`\\.build/lake\\.js ${night.stem}$`, 'm'))
    const { status, out } = await space.make('lake')
    assert.equal(status, 0)
    assert.deepEqual(conversions(out), [night.stem])
    assert.ok((await readFile(parquet)).equals(bytes))
    const after = await snapshot(space.paths.lake)
    const [own, manifest] = [join(partition(night), parquetOf(LARGEST)), `_manifest/${night.stem}.json`]
    for (const name of [own, manifest]) assert.ok(before.delete(name) && after.delete(name), name)
    assert.deepEqual(after, before)
  })

  await t.test('a tarball that was deleted is not fetched again, its night being in the lake', async () => {
    await unlink(join(space.paths.tarballs, FIRST.name))
    assert.equal((await space.make('-q download')).status, 0)
    assert.equal((await space.make('download')).status, 0)
    assert.deepEqual(space.asked(), [])
    assert.equal((await space.make('-q lake')).status, 0)
    const rows = rowsOf((await space.make('status')).out)
    assert.deepEqual(
      [rows.get('on disk')?.[0], rows.get('in the lake')?.[0], rows.get('missing')?.[0]],
      ['5', '6', '0'],
    )
  })
})

test('several steps in one command are taken one after the other', async t => {
  const space = await Workspace.open(t, NIGHTS, { MD5SUMS: sumsOf(NIGHTS) })
  const { status, err } = await space.make('-j3 uris download lake')
  assert.deepEqual([status, err], [0, ''])
  assert.equal((await space.make('-q lake')).status, 0)
  assert.equal((await readdir(space.paths.manifests)).length, NIGHTS.length)
})

test('NIGHTS holds for fetching and converting too', async t => {
  const space = await Workspace.open(t, NIGHTS)
  await space.make('uris')
  space.asked()
  assert.equal((await space.make('download NIGHTS=2019')).status, 0)
  assert.deepEqual([...new Set(space.asked())], NAMES.slice(1, 3).toSorted())
  const { status, out } = await space.make('lake NIGHTS=2018,2021')
  assert.deepEqual([status, conversions(out)], [0, []])
  assert.equal(conversions((await space.make('lake NIGHTS=20191003')).out).length, 2)
})

test('tarballs and links that the user put there are left alone, and converted', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 4), { MD5SUMS: '' })
  await space.make('uris')
  space.asked()
  const own = join(space.folder, 'elsewhere.tar.gz')
  await mkdir(space.paths.tarballs, { recursive: true })
  await writeFile(join(space.paths.tarballs, FIRST.name), FIRST.bytes)
  await writeFile(own, NIGHTS[1]?.bytes ?? assert.fail())
  await symlink(own, join(space.paths.tarballs, NAMES[1] as string))
  const before = await snapshot(space.paths.tarballs)
  const { status, out } = await space.make('download')
  assert.equal(status, 0)
  assert.match(out, /^4 nights on disk$/m)
  assert.deepEqual([...new Set(space.asked())], NAMES.slice(2, 4).toSorted())
  const after = await snapshot(space.paths.tarballs)
  for (const [name, file] of before) assert.equal(after.get(name), file, name)
  assert.equal(await readlink(join(space.paths.tarballs, NAMES[1] as string)), own)
  assert.equal(conversions((await space.make('lake')).out).length, 4)
})

test('a link that leads nowhere stops no other night', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  await space.make('uris')
  await mkdir(space.paths.tarballs, { recursive: true })
  const link = join(space.paths.tarballs, FIRST.name)
  await symlink('/mnt/a disk that is not there', link)
  const { status: failed, out } = await space.make('download')
  assert.equal(failed, 2)
  const { stem } = nightOf(FIRST.name)
  assert.match(out, new RegExp(`^${stem}: it was not fetched: ${link} is a link to a missing target: [^\n]+$`, 'm'))
  assert.ok((await space.tarball(NAMES[1] as string))?.equals((NIGHTS[1] as SyntheticNight).bytes))
  assert.equal(await readlink(link), '/mnt/a disk that is not there')
  const { status } = await space.make('lake')
  assert.equal(status, 0)
})

test('a night that the archive lacks stops no other, is named with its reason, and comes once it is there', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 4))
  await space.make('uris')
  space.asked()
  space.archive.faults.set(FIRST.name, { status: 404 })
  const { status, out, err } = await space.make('download -j2')
  assert.equal(status, 2)
  const { stem } = nightOf(FIRST.name)
  assert.match(out, new RegExp(`^FAILED +${stem} +it was not fetched: the archive has no such file \\(404\\)$`, 'm'))
  assert.match(out, new RegExp(`^${stem}: it was not fetched: the archive has no such file \\(404\\)$`, 'm'))
  assert.match(err, /^error: 1 night not fetched: make download tries again$/m)
  for (const { name, bytes } of NIGHTS.slice(1, 4)) assert.ok((await space.tarball(name))?.equals(bytes), name)
  const told = (await space.make('status')).out
  assert.deepEqual([rowsOf(told).get('failed'), rowsOf(told).get('missing')?.[0]], [['1'], '1'])
  assert.match(told, new RegExp(`^failed +${stem}: it was not fetched: `, 'm'))

  space.archive.faults.clear()
  space.asked()
  assert.deepEqual(fetches((await space.make('-n download')).out), [FIRST.name])
  assert.equal((await space.make('download')).status, 0)
  assert.deepEqual([...new Set(space.asked())], [FIRST.name])
  assert.deepEqual(rowsOf((await space.make('status')).out).get('failed'), ['0'])
})

test('a transfer that was cut goes on from where it was', async t => {
  const night = LONG
  const space = await Workspace.open(t, [night])
  await space.make('uris')
  const cut = Math.floor(night.bytes.length / 2)
  space.archive.faults.set(night.name, { cutAfter: cut, times: 1 })
  const { status } = await space.make('download')
  assert.equal(status, 0)
  assert.ok((await space.tarball(night.name))?.equals(night.bytes))
  const starts = rangesOf(space)
  assert.ok(
    starts.some(start => start > 0 && start <= cut),
    `asked for the bytes from ${starts}`,
  )
})

for (const [what, share] of [
  ['half', 0.5],
  ['whole', 1],
] as const)
  test(`what an earlier run left ${what} is gone on with`, async t => {
    const { name, bytes } = LONG
    const space = await Workspace.open(t, [LONG])
    await space.make('uris')
    await mkdir(space.paths.tarballs, { recursive: true })
    const part = bytes.subarray(0, Math.floor(bytes.length * share))
    await writeFile(space.paths.part(nightOf(name)), part)
    assert.equal((await space.make('download')).status, 0)
    assert.ok((await space.tarball(name))?.equals(bytes))
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', name])
    // aria2c goes on from its last whole block of 16 KiB.
    const starts = rangesOf(space)
    if (share < 1)
      assert.ok(
        starts.some(start => start > 0 && start <= part.length),
        `the bytes from ${starts}`,
      )
  })

test('what a full disk left of a download, with a control file that is empty, is fetched anew', async t => {
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

test('bytes that are not those of the listed md5 get no name, and come anew the next time', async t => {
  const wrong = `${'0'.repeat(32)}  ${FIRST.name}\n`
  const space = await Workspace.open(t, NIGHTS.slice(0, 2), { MD5SUMS: sumsOf(NIGHTS.slice(0, 2)) + wrong })
  await space.make('uris')
  for (const _ of [1, 2]) {
    space.asked()
    const { status, out } = await space.make('download')
    assert.equal(status, 2)
    assert.match(
      out,
      new RegExp(`^${nightOf(FIRST.name).stem}: it was not fetched: its md5 is [^\n]+, the archive lists [^\n]+$`, 'm'),
    )
    assert.ok(space.asked().includes(FIRST.name))
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', NAMES[1]])
  }
})

test('a tarball on disk that is not the listed one is not converted, and named', async t => {
  const space = await Workspace.open(t, NIGHTS.slice(0, 2))
  await space.make('uris')
  await space.make('download')
  const other = makeNight({ night: '20180713', alerts: 3 })
  await writeFile(join(space.paths.tarballs, FIRST.name), other.bytes)
  const { status, out, err } = await space.make('lake')
  assert.equal(status, 2)
  const { stem } = nightOf(FIRST.name)
  assert.match(
    out,
    new RegExp(
      `^FAILED +${stem} +it was not converted: its md5 is [0-9a-f]{32}, the archive lists [0-9a-f]{32}: `,
      'm',
    ),
  )
  assert.match(err, new RegExp(`^error: 1 night failed \\(${stem}\\): make lake tries again$`, 'm'))
  assert.deepEqual(conversions(out), [nightOf(NAMES[1] as string).stem])
})

test('a download that the disk cannot hold stops before it starts', async t => {
  const space = await Workspace.open(t, [])
  const LISTING = join(space.folder, 'table.txt')
  const rows = tableText([nightEntry('20200101')]).replace('100M', '900T')
  await writeFile(LISTING, rows)
  await space.make(`uris LISTING=${LISTING}`)
  const { status, err } = await space.make('download -j2')
  assert.equal(status, 2)
  assert.match(
    err,
    /^error: 900\.00 TiB are left to fetch, but the disk of \S+ has only \S+ [KMGT]iB free, \S+ TiB too little: /m,
  )
  assert.deepEqual(space.asked(), [])
  assert.deepEqual(await readdir(space.paths.tarballs), [])
})

test('make hands its standard input on to the listing', async t => {
  const space = await Workspace.open(t, [])
  const input = tableText([nightEntry('20200101'), nightEntry('20200102')])
  const { status, err } = await space.make('uris LISTING=-', { input })
  assert.deepEqual([status, err], [0, ''])
  assert.equal(await readFile(join(space.uris, '2020/001.txt'), 'utf8').then(text => text.trim().split('\n').length), 2)
})

test('an unknown setting is refused in one sentence before any work', async t => {
  const space = await Workspace.open(t, [FIRST])
  for (const target of ['uris', 'download', 'lake', 'status']) {
    const { status, out, err } = await space.make(`${target} WORKRS=3`)
    assert.deepEqual([status, out], [2, ''])
    assert.match(err, /^Makefile:\d+: \*\*\* WORKRS is no setting: expected one of [^\n]+\. {2}Stop\.\n$/)
  }
  assert.deepEqual([space.asked(), await readdir(space.folder)], [[], []])
})

const MALFORMED: Record<string, string> = {
  NIGHTS: "2018'; touch here; '",
  ARCHIVE: 'ftp://example.org/',
  MIN_SIZE: '1X',
  GROUP: '0',
  FORCE: 'maybe',
  CONNECTIONS: '17',
  KEEP_TARS: 'maybe',
  AHEAD: '1X',
  WORKERS: 'all',
  ALERTS_PER_FILE: '0',
  CODEC: 'gzip',
}

for (const [name, value] of Object.entries(MALFORMED))
  test(`a malformed ${name} is refused in one sentence before any work`, async t => {
    const space = await Workspace.open(t, [FIRST])
    const settings = { DATA: space.paths.data, URIS: space.uris, ARCHIVE: space.archive.url }
    for (const target of ['uris', 'download', 'lake', 'all', 'status']) {
      const given = Object.entries({ ...settings, [name]: value }).map(([key, text]) => `${key}=${text}`)
      const { status, out, err } = await run('make', [target, ...given])
      assert.deepEqual([status, out], [2, ''], target)
      const [sentence, ...rest] = err.split('\n').filter(line => !line.startsWith('make: ***'))
      assert.match(sentence ?? '', new RegExp(`^(error:|Makefile:\\d+: \\*\\*\\*) ${name} (is|has) '.*': expected `))
      assert.deepEqual(rest, [''])
    }
    assert.deepEqual([space.asked(), await readdir(space.folder)], [[], []])
    assert.equal(existsSync(join(PROJECT, 'here')), false)
  })

test('a folder with a space in its name is refused in one sentence', async () => {
  for (const name of ['DATA', 'URIS']) {
    const { status, err } = await run('make', ['status', `${name}=/tmp/two words`])
    assert.equal(status, 2)
    assert.match(err, new RegExp(`^Makefile:\\d+: \\*\\*\\* ${name} is '/tmp/two words': expected [^\n]+Stop\\.\n$`))
  }
})

test('a setting is taken from the command line, the environment, config.mk and the default, in that order', async t => {
  const project = await copyOfProject(t)
  await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'))
  const dates = Array.from({ length: 6 }, (_, i) => `2020010${i + 1}`)
  await writeFile(join(project, 'table.txt'), tableText(dates.map(date => nightEntry(date))))
  const lists = async (args: string[], env: Record<string, string> = {}) => {
    await rm(join(project, 'uris'), { recursive: true, force: true })
    const settings = ['LISTING=table.txt', `ARCHIVE=${ADDRESS}`]
    const { status, err } = await run('make', ['uris', ...settings, ...args], { cwd: project, env })
    assert.deepEqual([status, err], [0, ''])
    return (await readdir(join(project, 'uris/2020'))).length
  }
  assert.equal(await lists([]), 2)
  for (const assigned of ['GROUP = 3', 'GROUP := 3', 'GROUP ?= 3']) {
    await writeFile(join(project, 'config.mk'), `${assigned}\n`)
    assert.equal(await lists([]), 2, assigned)
    assert.equal(await lists([], { GROUP: '2' }), 3, assigned)
    assert.equal(await lists(['GROUP=1'], { GROUP: '2' }), 6, assigned)
  }
  await writeFile(join(project, 'config.mk'), 'GROUP = 0\n')
  const { status, err } = await run('make', ['uris'], { cwd: project })
  assert.equal(status, 2)
  assert.match(err, /^error: GROUP is '0': /)
})

test('make all hands on what the command line, the environment and config.mk say, in that order', async t => {
  const project = await copyOfProject(t)
  await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'))
  const space = await Workspace.open(t, NIGHTS)
  await writeFile(join(project, 'config.mk'), 'NIGHTS = 2018\nCODEC = none\nALERTS_PER_FILE = 3\n')
  const { status, err } = await space.make('all NIGHTS=2021', { cwd: project, env: { NIGHTS: '2019', CODEC: 'zstd' } })
  assert.deepEqual([status, err], [0, ''])
  assert.deepEqual([...new Set(space.asked())], ['', 'MD5SUMS', DUPLICATED.name])
  const { codec, alertsPerFile } = (await readManifest(space.paths, nightOf(DUPLICATED.name))) ?? assert.fail()
  assert.deepEqual([codec, alertsPerFile], ['zstd', 3])
})

test('make alone shows every target and setting, and does nothing, not even set itself up', async t => {
  const project = await copyOfProject(t)
  const before = await snapshot(project)
  const { status, out, err } = await run('make', [], { cwd: project })
  assert.deepEqual([status, err], [0, ''])
  for (const target of ['demo', 'uris', 'download', 'lake', 'all', 'status', 'test'])
    assert.match(out, new RegExp(`^  make ${target} +\\S`, 'm'))
  for (const name of Object.keys(SETTINGS)) assert.match(out, new RegExp(`\\b${name}\\b`))
  assert.deepEqual(await snapshot(project), before)
})

test('where aria2c is not there and cannot be installed the user is told what to type', async t => {
  const folder = await temporaryFolder(t)
  // A PATH with nothing but node.
  const shim = join(folder, 'node')
  await writeFile(shim, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`)
  await chmod(shim, 0o755)
  const { status, out, err } = await run(process.execPath, ['.build/aria2c.js'], {
    env: { PATH: folder },
  })
  assert.deepEqual([status, out], [1, 'aria2c is not there: installing it\n'])
  assert.match(err, /^error: aria2c is not on the PATH: type the one of these that your system has: [^\n]+\n$/)
})

test('in a fresh clone any target has the scripts built first', async t => {
  const folder = await temporaryFolder(t)
  for (const name of ['Makefile', 'package.json', 'package-lock.json', 'lib', 'scripts', 'page', 'test'])
    await cp(join(PROJECT, name), join(folder, name), { recursive: true })
  // The packages are there, and newer than what names them: else they would be installed once more.
  for (const name of ['package.json', 'package-lock.json']) await utimes(join(folder, name), 0, 0)
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'))
  for (const args of [['lake'], ['-n', 'lake']]) {
    await rm(join(folder, '.build'), { recursive: true, force: true })
    const { status, err } = await run('make', [...args, 'DATA=d'], { cwd: folder })
    assert.deepEqual([status, err], [0, 'd/tarballs has no tarball of the nights asked for: make download\n'])
  }
})

test('the name of a group, as tcsh has it in its environment, is no setting', async t => {
  const folder = await temporaryFolder(t)
  const place = [`DATA=${folder}/data`, `URIS=${folder}/uris`]
  const { status } = await run('make', ['status', ...place], { env: { GROUP: 'staff' } })
  assert.equal(status, 0)
  const given = await run('make', ['status', 'GROUP=staff', ...place])
  assert.match(given.err, /^error: GROUP is 'staff': expected a whole number /)
})

test('a folder with a name that make would take for something else is refused', async () => {
  for (const name of ['a b', 'a%b', 'a:b', 'a;b', 'a|b', 'a\\b']) {
    const { status, err } = await run('make', ['lake', `DATA=${name}`])
    assert.equal(status, 2)
    assert.ok(err.includes(`DATA is '${name}': expected a folder without any of `), err)
  }
})

/** The project as it comes, without packages and without what it makes. */
async function copyOfProject(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const name of [
    'Makefile',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'lib',
    'page',
    'scripts',
    'test/synthetic',
    'test/bench',
  ])
    await cp(join(PROJECT, name), join(folder, name), { recursive: true })
  // Older than the packages, which are then not installed anew.
  for (const name of ['package.json', 'package-lock.json']) await utimes(join(folder, name), 0, 0)
  return folder
}

/** An MD5SUMS that lacks one night. */
function sumsOf(nights: readonly SyntheticNight[]): string {
  const listed = nights.filter(({ name }) => name !== WITHOUT_MD5.name)
  return listed.map(({ name, bytes }) => `${createHash('md5').update(bytes).digest('hex')}  ${name}\n`).join('')
}

/** The nights whose fetching `make -n` tells of. */
function fetches(out: string): string[] {
  return [...out.matchAll(/fetch\.js (\S+)/g)].map(([, name = '']) => name)
}

/** Where the ranges begin that were asked of the archive. */
function rangesOf({ archive }: Workspace): number[] {
  return archive.requests.flatMap(({ range }) => (range ? [Number(/\d+/.exec(range)?.[0])] : []))
}

/** The stems of the nights that were converted. */
function conversions(out: string): string[] {
  return [...out.matchAll(/^converted (\S+)/gm)].map(([, stem = '']) => stem)
}

/** The numbers of `make status` by the name of their row. */
function rowsOf(out: string): Map<string, string[]> {
  const lines = out.split('\n').map(line => line.trim().split(/ {2,}/))
  return new Map(lines.filter(cells => /^\d/.test(cells[1] ?? '')).map(([name = '', ...cells]) => [name, cells]))
}
