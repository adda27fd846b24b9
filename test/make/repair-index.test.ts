import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { exists, sha256Of } from '../../lib/core/files.ts'
import { type Order, readRecord, writeRecord } from '../../lib/index/record.ts'
import { readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, nightOf } from '../support/data-folder.ts'
import { DAMAGED, FIRST, LAST, makeLake, parquetOf, script } from '../support/five-nights.ts'
import { makeEarlier, runIndexUpdate, tablesOf } from '../support/index-lake.ts'
import { bytesBelow, differing } from '../support/lake-bytes.ts'
import { makeNight } from '../support/night.ts'

const EMPTY = nightOf('ztf_public_20180710.tar.gz')
const OTHER = nightOf('ztf_public_20191003_programid3.tar.gz')

test('finds changed bytes in the candidates table, the index and the lists of files, and makes the files again', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  const files = [
    paths.candidatesFile(LAST),
    paths.indexFile('objects', '201910'),
    paths.indexFile('positions', '202003'),
    paths.files,
    paths.checksums,
  ]
  for (const path of files) await flipByte(path)
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.deepEqual(failedIn(out), [...files].sort())
  assert.match(err, /^error: 1 candidates file failed, 4 files of the index failed: run make repair\n$/)
  await assertRepaired()
})

test('finds missing files of the candidates table, the index and the lists of files, and makes them again', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  for (const path of [
    paths.candidatesFile(LAST),
    paths.indexFile('objects', '201910'),
    paths.indexFile('positions', '202003'),
    paths.files,
  ])
    await rm(path)
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^FAILED +${paths.candidatesFile(LAST)} is missing, expected \\d+ bytes$`, 'm'))
  for (const part of ['2019-10', '2020-03', 'the list of files'])
    assert.match(
      out,
      new RegExp(`^missing +${part} +missing from the index or out of date: make index updates it$`, 'm'),
    )
  assert.match(err, /^error: 1 candidates file failed, 3 parts of the index missing or out of date: run make repair\n$/)
  await assertRepaired()
})

test('finds a damaged index although its record was changed with it', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  const objects = await forgeIndex(paths, 'objects', '201910', 'limit 9')
  const positions = await forgeIndex(
    paths,
    'positions',
    '201910',
    'where false union all (select * replace (1::float as magpsf) from file)',
  )
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^FAILED +${objects} +has 9 alerts, expected 10$`, 'm'))
  assert.match(out, new RegExp(`^FAILED +${positions} +has other alerts than the candidates table$`, 'm'))
  assert.match(err, /^error: 2 files of the index failed: run make repair\n$/)
  await assertRepaired()
})

test('finds a damaged candidates file although its record was changed with it', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  const [first, other, last] = [
    await forgeCandidates(paths, FIRST, 'limit 6'),
    await forgeCandidates(paths, OTHER, 'where lake_row < 2 union all (from file where lake_row = 0)'),
    await forgeCandidates(paths, LAST, 'where false union all (select * replace (3 - lake_row as lake_row) from file)'),
  ]
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^FAILED +${first} has 6 rows, expected 7$`, 'm'))
  assert.match(out, new RegExp(`^FAILED +${other} has the alert \\d+ twice$`, 'm'))
  assert.match(out, new RegExp(`^FAILED +${last} has the alert \\d+ at row \\d of file 0, where it is not$`, 'm'))
  assert.match(err, /^error: 3 candidates files failed, .*: run make repair\n$/)
  await assertRepaired()
})

test('finds what does not belong to the candidates table, and moves it away', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  const orphans = [
    join(paths.candidates, 'notes.txt'),
    join(dirname(paths.candidatesFile(FIRST)), `${LAST.stem}.parquet`),
    join(dirname(paths.candidatesFile(FIRST)), `${FIRST.stem}-0000.parquet`),
    paths.candidatesFile(EMPTY),
    join(paths.candidates, 'year=2019/month=02/day=31'),
  ]
  for (const path of orphans.slice(0, 4)) {
    await mkdir(dirname(path), { recursive: true })
    await cp(paths.candidatesFile(LAST), path)
  }
  await mkdir(orphans[4] as string, { recursive: true })
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.deepEqual([...out.matchAll(/^ORPHAN {4}(\S+) /gm)].map(([, path]) => path).sort(), orphans.toSorted())
  assert.match(err, /^error: 5 orphans in \S+: run make repair\n$/)
  const repaired = await assertRepaired()
  for (const [, to = ''] of repaired.matchAll(/^moved {5}\S+ to (\S+): it is /gm)) assert.ok(await exists(to), to)
})

test('asks for make index if an earlier version converted nights', async t => {
  const { paths, assertRepaired } = await damagedLake(t)
  await makeEarlier(paths)
  const { status, out, err } = await script('check', paths)
  assert.equal(status, 1)
  assert.match(out, /^missing +4 nights of an earlier version +/m)
  assert.match(err, /^error: \d parts? of the index missing or out of date: run make index\n$/)
  assert.equal((await script('index', paths)).status, 0)
  await assertRepaired()
})

test('makes the candidates table and the index again although a damaged packet is lost', async t => {
  const paths = await makeLake(t)
  await rm(paths.tarballs, { recursive: true })
  const before = await tablesOf(paths)
  const [packet = assert.fail()] = await readdir(paths.badPackets(DAMAGED))
  await rm(join(paths.badPackets(DAMAGED), packet))
  const month = DAMAGED.date.slice(0, 6)
  const files = [
    paths.candidatesFile(DAMAGED),
    ...(['objects', 'positions'] as const).map(order => paths.indexFile(order, month)),
  ]
  for (const path of files) await truncate(path)
  const { status, out } = await script('check', paths)
  assert.deepEqual([status, failedIn(out)], [1, [...files, DAMAGED.stem].sort()])
  const repaired = await script('repair', paths)
  assert.equal(repaired.status, 1)
  assert.match(repaired.out, new RegExp(`^FAILED +${DAMAGED.stem} +\\S+/${packet} is missing, expected `, 'm'))
  assert.match(repaired.err, /^error: 1 night cannot be converted again: [^\n]+ from a backup\n$/)
  assert.deepEqual(differing(await tablesOf(paths), before), [])
})

test('keeps a damaged index if it cannot be made again', async t => {
  const paths = await makeLake(t)
  await rm(paths.tarballs, { recursive: true })
  await flipByte(await parquetOf(paths, FIRST))
  await rm(paths.candidatesFile(FIRST))
  const path = paths.indexFile('objects', FIRST.date.slice(0, 6))
  await flipByte(path)
  const { status, out, err } = await script('repair', paths)
  assert.equal(status, 1)
  assert.match(out, new RegExp(`^kept +${path} +as it is: candidates files of its month are damaged, `, 'm'))
  assert.match(err, /, 1 file of the index could not be made again\n$/)
  assert.ok(await exists(path))
})

test('keeps the index of nights whose lake files and candidates files are both damaged and cannot be made again', async t => {
  const paths = await makeLake(t)
  const before = await tablesOf(paths)
  await rm(paths.tarball(FIRST))
  await flipByte(join(paths.partition(FIRST), (await readManifest(paths, FIRST))?.files[0]?.name ?? ''))
  await rm(paths.candidatesFile(FIRST))
  const { status, out } = await script('check', paths)
  assert.deepEqual([status, failedIn(out)], [1, [FIRST.stem]])
  assert.equal((await script('repair', paths)).status, 1)
  before.delete(`candidates/${paths.candidatesFile(FIRST).slice(paths.candidates.length + 1)}`)
  assert.deepEqual(differing(await tablesOf(paths), before), [])
})

test('checks selected nights only, and keeps the index of a month with a damaged file of another night', async t => {
  const paths = await makeLake(t)
  const tarball = makeNight({ night: '20191005', alerts: 3 })
  await convert(paths, tarball)
  await runIndexUpdate(paths)
  const before = await tablesOf(paths)
  const path = paths.candidatesFile(nightOf(tarball.name))
  await rm(path)
  const { status, out } = await script('check', paths, { NIGHTS: FIRST.date })
  assert.deepEqual([status, failedIn(out)], [0, []])
  const repaired = await script('repair', paths, { NIGHTS: FIRST.date })
  assert.equal(repaired.status, 0, repaired.out)
  before.delete(`candidates/${path.slice(paths.candidates.length + 1)}`)
  assert.deepEqual(differing(await tablesOf(paths), before), [])
})

/** A lake without tarballs, and an assertion that a repair restores all its tables and lists. */
async function damagedLake(t: TestContext) {
  const paths = await makeLake(t)
  await rm(paths.tarballs, { recursive: true })
  const before = await contents(paths)
  const assertRepaired = async () => {
    const { status, out, err } = await script('repair', paths)
    assert.deepEqual([status, err], [0, ''], out)
    assert.deepEqual(differing(await contents(paths), before), [])
    const checked = await script('check', paths)
    assert.deepEqual([checked.status, checked.err], [0, ''], checked.out)
    return out
  }
  return { paths, assertRepaired }
}

/** Contents of the lake, the candidates table and the index. */
async function contents(paths: Paths): Promise<Map<string, string>> {
  return new Map([...(await tablesOf(paths)), ...(await bytesBelow(paths.lake))])
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path)
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] as number) ^ 1
  await writeFile(path, bytes)
}

/** Paths or nights in lines such as `FAILED    PATH ...`, sorted. */
function failedIn(out: string): string[] {
  return [...out.matchAll(/^FAILED +(\S+)/gm)].map(([, name = '']) => name).sort()
}

/** Replaces a Parquet file by the result of a query that begins with `from file`. */
async function forge(path: string, query_: string): Promise<{ bytes: number; sha256: string }> {
  const source = `with file as (from read_parquet('${path}', hive_partitioning = false)) from file ${query_}`
  await query(`copy (${source}) to '${path}.new' (format parquet)`)
  await rename(`${path}.new`, path)
  return { bytes: (await readFile(path)).length, sha256: await sha256Of(path) }
}

/** Replaces a file of the index, and its record. */
async function forgeIndex(paths: Paths, order: Order, month: string, query_: string): Promise<string> {
  const path = paths.indexFile(order, month)
  const { sha256 } = await forge(path, query_)
  const { months, ...record } = await readRecord(paths)
  const forged = months[month] ?? assert.fail()
  await writeRecord(paths, {
    ...record,
    months: { ...months, [month]: { ...forged, sha256: { ...forged.sha256, [order]: sha256 } } },
  })
  return path
}

/** Replaces a candidates file, and its record. */
async function forgeCandidates(paths: Paths, night: Night, query_: string): Promise<string> {
  const path = paths.candidatesFile(night)
  const candidates = await forge(path, query_)
  await writeManifest(paths, night, { ...((await readManifest(paths, night)) ?? assert.fail()), candidates })
  return path
}
