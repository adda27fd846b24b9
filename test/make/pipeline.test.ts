import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { partition } from '../../lib/night.ts'
import { sumsText } from '../support/archive-table.ts'
import { nightOf, parquetOf } from '../support/data-folder.ts'
import { snapshot } from '../support/folder.ts'
import { ask } from '../support/lake-reader.ts'
import { emptyNight, makeNight, readableAlerts, type SyntheticNight } from '../support/night.ts'
import { previewed, statusRows, stemsIn } from '../support/output.ts'
import { Workspace } from '../support/workspace.ts'

const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12 }),
  makeNight({ night: '20191003', alerts: 7, schemas: [{ version: '3.3', style: 'python' }] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 4 }),
  makeNight({ night: '20210401', alerts: 9, duplicates: [2] }),
  makeNight({ night: '20250325', alerts: 15 }),
  makeNight({ night: '20250327', alerts: 5, cutTar: { member: 3, bytes: 900 } }),
]
const EMPTY = [emptyNight('20250326', 'tar'), emptyNight('20250328', 'nothing')]
const NAMES = NIGHTS.map(({ name }) => name)
const STEMS = NAMES.map(name => nightOf(name).stem)
const [FIRST, , , WITHOUT_MD5, LARGEST, CUT] = NIGHTS as [
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
  SyntheticNight,
]

test('lists, downloads and converts the archive, and does nothing twice', async t => {
  const MD5SUMS = sumsText(NIGHTS.filter(night => night !== WITHOUT_MD5))
  const space = await Workspace.open(t, [...NIGHTS, ...EMPTY], { MD5SUMS })

  await t.test('make download asks for make uris if no nights are listed', async () => {
    for (const [target, expected] of [
      ['download', 2],
      ['-n download', 2],
      ['-q download', 1],
    ] as const) {
      const { status, err } = await space.make(target)
      assert.equal(status, expected, target)
      assert.match(err, /^error: no nights are listed yet: run make uris first\n(make: \*\*\* .* Error 1\n)?$/)
    }
    assert.deepEqual([space.asked(), existsSync(space.paths.data)], [[], false])
  })

  await t.test('make lake without tarballs says to run make download', async () => {
    const { status, out, err } = await space.make('lake')
    assert.deepEqual([status, out], [2, ''])
    assert.ok(err.startsWith(`error: ${space.paths.tarballs} has no tarballs: run make download first\n`), err)
    assert.equal(existsSync(space.paths.data), false)
  })

  await t.test('make uris lists the nights that have alerts', async () => {
    const { status, out, err } = await space.make('uris')
    assert.deepEqual([status, err], [0, ''])
    assert.match(out, /^8 nights listed: 6 with alerts \(1 of them programid3\), 2 empty; /m)
    assert.ok(out.includes(`\nlisted without a checksum: 1 tarball (${WITHOUT_MD5.name})\n`), out)
    assert.deepEqual(space.asked(), ['', 'MD5SUMS'])
    const lists = ['2018/001.txt', '2019/001.txt', '2021/001.txt', '2025/001.txt', 'listing.tsv']
    assert.deepEqual([...(await snapshot(space.uris)).keys()], lists)
    const texts = await Promise.all(lists.slice(0, -1).map(name => readFile(join(space.uris, name), 'utf8')))
    // The plain name comes before programid3 of the same date.
    assert.deepEqual(
      texts.join('').trim().split('\n'),
      NAMES.map(name => `${space.archive.url}${name}`),
    )
  })

  await t.test('make -n download prints the missing nights, make -q exits with 1, and both write nothing', async () => {
    const { status, out } = await space.make('-n download')
    assert.deepEqual([status, out], [0, `sh scripts/run.sh download\n${NAMES.map(name => `fetch ${name}\n`).join('')}`])
    const selected = await space.make('-n download NIGHTS=2019,202103..20210401')
    assert.deepEqual(previewed(selected.out, 'fetch'), NAMES.slice(1, 4))
    const { status: pending, out: silent } = await space.make('-q download')
    assert.deepEqual([pending, silent], [1, ''])
    assert.deepEqual([space.asked(), existsSync(space.paths.data)], [[], false])
  })

  await t.test('make download fetches each night that has alerts', async () => {
    const { status, out, err } = await space.make('-j3 download')
    assert.deepEqual([status, err], [0, ''])
    assert.match(out, /^6 nights to fetch, about .* free$/m)
    assert.match(out, /^6 nights fetched, 6 on disk$/m)
    assert.deepEqual([...new Set(space.asked())], NAMES.toSorted())
    for (const { name, bytes } of NIGHTS) assert.ok((await space.tarball(name))?.equals(bytes), name)
    assert.deepEqual((await readdir(space.paths.tarballs)).sort(), ['.md5', ...NAMES.toSorted()])
    assert.equal((await space.make('-q download')).status, 0)
    assert.deepEqual(previewed((await space.make('-n download')).out, 'fetch'), [])
  })

  await t.test('make lake converts each night with all its alerts', async () => {
    assert.equal((await space.make('-q lake')).status, 1)
    assert.deepEqual(previewed((await space.make('-n lake')).out, 'convert'), STEMS)
    const { status, out, err } = await space.make('lake WORKERS=2')
    assert.deepEqual([status, err], [0, ''])
    assert.deepEqual(stemsIn(out, 'converted').sort(), STEMS.toSorted())
    assert.match(out, new RegExp(`^6 nights into the lake, ${readableAlerts(...NIGHTS).length} alerts: `, 'm'))
    const rows = await ask(
      space.paths,
      `select parse_filename(filename) as file, (year || month || day)::varchar as date, list(candid order by candid) as candids
       from read_parquet(LAKE, hive_partitioning=true, hive_types_autocast=false, filename=true) group by all order by file`,
    )
    const expected = NIGHTS.map(night => {
      const candids = readableAlerts(night).map(({ values }) => values.candid as bigint)
      const { date } = nightOf(night.name)
      return { file: parquetOf(night), date, candids: candids.sort((a, b) => (a < b ? -1 : 1)) }
    })
    assert.deepEqual(
      rows,
      expected.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    )
    assert.equal((await space.make('-q lake')).status, 0)
  })

  await t.test('make status counts the nights in each place', async () => {
    const { status, out } = await space.make('status')
    assert.equal(status, 0)
    const alerts = String(readableAlerts(...NIGHTS).length)
    const rows = statusRows(out)
    assert.deepEqual(rows.get('listed')?.[0], '8')
    assert.match(out, /^listed .*\n {2}empty +2\n {2}programid3 +1\n/m)
    assert.deepEqual(rows.get('on disk'), ['6'])
    assert.deepEqual(rows.get('in the lake')?.slice(0, 2), ['6', alerts])
    assert.deepEqual(rows.get('salvaged')?.slice(0, 2), ['1', String(readableAlerts(CUT).length)])
    for (const name of ['empty', 'republished', 'waiting for make lake', 'failed', 'quarantined', 'given up'])
      assert.deepEqual(rows.get(name), ['0'], name)
    assert.equal(rows.get('missing')?.[0], '0')
    assert.match(out, new RegExp(`^salvaged +${CUT.name}: `, 'm'))
  })

  await t.test('a second run fetches no tarball and writes no file', async () => {
    space.asked()
    const before = await snapshot(space.folder)
    for (const [target, line] of [
      ['download', /^nothing to download: every selected night is on disk or in the lake\n$/],
      ['lake', /^nothing to convert: 6 selected nights on disk, 6 nights in the lake\n$/],
    ] as const) {
      const { status, out, err } = await space.make(target)
      assert.deepEqual([status, err], [0, ''])
      assert.match(out, line)
    }
    space.asked()
    const { status, out, err } = await space.make('all -j3')
    assert.deepEqual([status, err], [0, ''])
    assert.doesNotMatch(out, /^(fetched|converted)/m)
    assert.deepEqual(space.asked(), ['', 'MD5SUMS'])
    assert.deepEqual(await snapshot(space.folder), before)
  })

  await t.test('make lake converts a night again that was deleted from the lake, to the same bytes', async () => {
    const night = nightOf(LARGEST.name)
    const parquet = join(space.paths.partition(night), parquetOf(LARGEST))
    const bytes = await readFile(parquet)
    const before = await snapshot(space.paths.lake)
    await Promise.all([rm(space.paths.manifest(night)), rm(parquet)])
    assert.equal(statusRows((await space.make('status')).out).get('waiting for make lake')?.[0], '1')
    assert.deepEqual(previewed((await space.make('-n lake')).out, 'convert'), [night.stem])
    const { status, out } = await space.make('lake')
    assert.deepEqual([status, stemsIn(out, 'converted')], [0, [night.stem]])
    assert.ok((await readFile(parquet)).equals(bytes))
    const after = await snapshot(space.paths.lake)
    for (const name of [join(partition(night), parquetOf(LARGEST)), `_manifest/${night.stem}.json`])
      assert.ok(before.delete(name) && after.delete(name), name)
    assert.deepEqual(after, before)
  })

  await t.test('make download does not fetch a deleted tarball again if its night is in the lake', async () => {
    await unlink(join(space.paths.tarballs, FIRST.name))
    assert.equal((await space.make('-q download')).status, 0)
    assert.equal((await space.make('download')).status, 0)
    assert.deepEqual(space.asked(), [])
    assert.equal((await space.make('-q lake')).status, 0)
    const rows = statusRows((await space.make('status')).out)
    const counts = ['on disk', 'in the lake', 'missing'].map(name => rows.get(name)?.[0])
    assert.deepEqual(counts, ['5', '6', '0'])
  })

  await t.test('make lake and make status name what they ignore among the tarballs', async () => {
    await mkdir(join(space.paths.tarballs, FIRST.name))
    await writeFile(join(space.paths.tarballs, 'ztf_public_20191003 (1).tar.gz'), '')
    const line =
      `ignored in ${space.paths.tarballs}: ztf_public_20180713.tar.gz (a folder), ` +
      'ztf_public_20191003 (1).tar.gz (not the name of a night)\n'
    for (const target of ['status', 'lake']) {
      const { out } = await space.make(target)
      assert.ok(out.includes(line), out)
    }
    await rm(space.paths.manifest(nightOf(LARGEST.name)))
    const { out } = await space.make('lake')
    assert.deepEqual([stemsIn(out, 'converted').length, out.split(line).length], [1, 2], out)
  })
})
