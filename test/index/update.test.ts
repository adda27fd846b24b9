import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { sha256Of } from '../../lib/core/files.ts'
import { planIndex } from '../../lib/index/plan.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import { Paths } from '../../lib/paths.ts'
import type { Tarball } from '../../lib/synthetic/night.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { snapshot, temporaryFolder } from '../support/folder.ts'
import { monthsIn, nightsOf, runIndexUpdate, tablesOf } from '../support/index-lake.ts'
import { differing } from '../support/lake-bytes.ts'
import type { Row } from '../support/lake-reader.ts'
import { move } from '../support/moved.ts'
import { emptyNight, makeNight } from '../support/night.ts'
import { breakManifest } from '../support/night-files.ts'

/** Few objects, so that each has alerts in several nights. */
const edit = (_: Row, i: number) => ({ objectId: `ZTF18aaaaaa${'cabd'[i % 4]}` })
const NIGHTS = [
  makeNight({ night: '20180713', alerts: 12, edges: 0.05, edit }),
  makeNight({ night: '20191003', alerts: 17, edit, duplicates: [4] }),
  makeNight({ night: '20191003', kind: 'programid3', alerts: 6, edit }),
  makeNight({ night: '20191031', alerts: 5, edit }),
  makeNight({ night: '20250325', alerts: 8, edit }),
  emptyNight('20250326', 'tar'),
]
const MONTHS = ['2018-07', '2019-10', '2025-03']
const COLUMNS = 'objectId candid day programid3 lake_file lake_row healpix13 ra dec fid magpsf'.split(' ')

test('lists only the files that are here after nights were moved, and keeps their part of the index', async t => {
  const paths = await indexedLake(t)
  const listed = async () =>
    (await query(`select distinct night::varchar as night from '${paths.files}' order by all`)).map(
      ({ night }) => night,
    )
  assert.equal((await listed()).length, 4)
  await move(paths, NIGHTS[0] ?? assert.fail())
  assert.equal((await planIndex(paths)).listsAreStale, true)
  assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
  const { listsAreStale, stale, gone } = await planIndex(paths)
  assert.deepEqual([listsAreStale, stale, gone], [false, [], []])
  assert.deepEqual(await listed(), ['2019-10-03', '2019-10-31', '2025-03-25'])
  assert.ok(!(await readFile(paths.checksums, 'utf8')).includes('20180713'))
  for (const night of NIGHTS.slice(1)) await move(paths, night)
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  assert.deepEqual(await listed(), [])
  assert.equal((await planIndex(paths)).listsAreStale, false)
})

test('has each alert of the candidates table once in both orders, sorted', async t => {
  const paths = await indexedLake(t)
  const candidates = await query(
    `select objectId, candid, day::int as day, contains(filename, 'programid3') as programid3, lake_file, lake_row,
       healpix13, ra, dec, fid, magpsf
     from read_parquet('${paths.candidates}/**/*.parquet', filename = true, hive_types = {day: int})`,
  )
  for (const [order, key] of [
    ['objects', ['objectId', 'candid']],
    ['positions', ['healpix13', 'objectId', 'candid']],
  ] as const) {
    const folder = join(paths.index, order)
    const rows = await query(`from read_parquet('${folder}/**/*.parquet', hive_partitioning = false)`)
    assert.deepEqual([rows.length, Object.keys(rows[0] ?? {})], [48, COLUMNS])
    assert.deepEqual(sorted(rows), sorted(candidates))
    for (const month of MONTHS) {
      const inMonth = await query(`from '${paths.indexFile(order, month.replace('-', ''))}'`)
      const byKey = inMonth.toSorted((a, b) => compare(a, b, key))
      assert.deepEqual(inMonth, byKey)
    }
  }
})

test('makes the same bytes again, with any number of threads', async t => {
  const paths = await indexedLake(t)
  const before = await allTables(paths)
  for (const threads of [1, 2, 4]) {
    for (const path of [paths.index, paths.files, paths.checksums]) await rm(path, { recursive: true })
    const { problems, lines } = await runIndexUpdate(paths, threads)
    assert.deepEqual([problems, monthsIn(lines)], [[], MONTHS])
    assert.deepEqual(differing(await allTables(paths), before), [])
  }
  const once = await snapshot(paths.index)
  assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
  assert.deepEqual(await snapshot(paths.index), once)
})

test('rebuilds only months that changed, and removes a month whose nights are gone', async t => {
  const paths = await indexedLake(t)
  const before = await snapshot(paths.index)
  await convert(paths, makeNight({ night: '20191005', alerts: 3 }), { alertsPerFile: 4 })
  await convert(paths, makeNight({ night: '20250325', alerts: 9, seed: 2, edit }), { alertsPerFile: 4 })
  await convert(paths, makeNight({ night: '20210401', alerts: 2 }))
  assert.deepEqual(monthsIn((await runIndexUpdate(paths)).lines), ['2019-10', '2021-04', '2025-03'])
  const after = await snapshot(paths.index)
  const kept = [...after].filter(([path, file]) => before.get(path) === file).map(([path]) => path)
  assert.deepEqual(kept, [
    'objects/year=2018/month=07/objects.parquet',
    'positions/year=2018/month=07/positions.parquet',
  ])
  await assertSameAsNew(t, paths)

  const gone = nightOf('ztf_public_20210401.tar.gz')
  await rm(paths.manifest(gone))
  await convert(paths, emptyNight(gone.date, 'tar'))
  await rm(paths.manifest(nightOf('ztf_public_20180713.tar.gz')))
  assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
  const files = [...(await snapshot(paths.index)).keys()]
  assert.deepEqual(
    files.filter(path => /year=(2018|2021)/.test(path)),
    [],
  )
  assert.equal(existsSync(join(paths.index, 'objects/year=2021/month=04')), false)
})

test('rebuilds corrupt records and caches, and missing files', async t => {
  const paths = await indexedLake(t)
  const before = await allTables(paths)
  for (const [path, months] of [
    [paths.indexRecord, MONTHS],
    [paths.summaries, []],
    [paths.indexFile('objects', '201910'), ['2019-10']],
    [paths.indexFile('positions', '202503'), ['2025-03']],
    [paths.files, []],
    [paths.checksums, []],
  ] as const)
    for (const damage of ['append', 'empty', 'remove']) {
      const isData = path.endsWith('.parquet') || path === paths.checksums
      // The index cannot notice changed data without reading it: make check does.
      if (damage !== 'remove' && isData) continue
      if (damage === 'append') await appendFile(path, ' ')
      else if (damage === 'empty') await writeFile(path, '')
      else await rm(path)
      const { problems, lines } = await runIndexUpdate(paths)
      assert.deepEqual([problems, monthsIn(lines)], [[], months], `${damage} ${path}`)
      assert.deepEqual(differing(await allTables(paths), before), [], `${damage} ${path}`)
      assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
    }
})

test('lists each file of the lake in _files.parquet and _SHA256SUMS', async t => {
  const paths = await indexedLake(t)
  const rows = await query(`select * replace (night::varchar as night) from '${paths.files}'`)
  const expected: Row[] = []
  for (const night of await nightsOf(paths)) {
    const { files } = (await readManifest(paths, night)) ?? assert.fail()
    for (const { name, bytes, alerts, sha256 } of files) {
      const path = join(paths.partition(night), name)
      const [ranges] = await query(
        `select min(candid) as min_candid, max(candid) as max_candid, min(candidate.jd) as min_jd,
         max(candidate.jd) as max_jd, count(*)::int as n from '${path}'`,
      )
      const { n, ...range } = ranges ?? {}
      assert.deepEqual([bytes, alerts, sha256], [(await stat(path)).size, n, await sha256Of(path)])
      const date = `${night.date.slice(0, 4)}-${night.date.slice(4, 6)}-${night.date.slice(6)}`
      expected.push({
        night: date,
        path: path.slice(paths.lake.length + 1),
        bytes: BigInt(bytes),
        alerts,
        sha256,
        ...range,
      })
    }
  }
  assert.deepEqual(rows, expected)
  assert.ok(rows.length > NIGHTS.length)
  const sums = await readFile(paths.checksums, 'utf8')
  assert.equal(sums, expected.map(({ sha256, path }) => `${sha256}  ${path}\n`).join(''))
  const checked = execFileSync('sha256sum', ['--strict', '-c', '_SHA256SUMS'], { cwd: paths.lake, encoding: 'utf8' })
  assert.equal(checked.match(/: OK$/gm)?.length, expected.length)
})

test('accepts a lake of nights without alerts, and one without nights', async t => {
  const paths = await dataFolder(t)
  assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
  assert.deepEqual(
    [...(await snapshot(paths.data)).keys()].filter(path => !path.endsWith('.json')),
    [],
  )
  await convert(paths, emptyNight('20250326', 'tar'))
  assert.deepEqual(await runIndexUpdate(paths), { problems: [], lines: [] })
  assert.deepEqual(await query(`from '${paths.files}'`), [])
  assert.equal(await readFile(paths.checksums, 'utf8'), '')
  const { stale, gone, listsAreStale } = await planIndex(paths)
  assert.deepEqual([stale, gone, listsAreStale], [[], [], false])
})

test('leaves out a night with a broken manifest, and names a month that it cannot make', async t => {
  const paths = await indexedLake(t)
  await breakManifest(paths, nightOf('ztf_public_20191031.tar.gz'))
  assert.deepEqual(monthsIn((await runIndexUpdate(paths)).lines), ['2019-10'])
  assert.equal((await query(`from '${paths.indexFile('objects', '201910')}'`)).length, 23)

  const missing = paths.candidatesFile(nightOf('ztf_public_20250325.tar.gz'))
  await rm(paths.index, { recursive: true })
  await rm(missing)
  const { problems, lines } = await runIndexUpdate(paths)
  assert.deepEqual(problems, ['1 part of the index failed: run make index again'])
  assert.deepEqual(monthsIn(lines), ['2018-07', '2019-10'])
  assert.ok(
    lines.some(line => line.startsWith('FAILED    2025-03  it was not indexed: ') && line.includes(missing)),
    lines.join('\n'),
  )
  assert.equal(existsSync(paths.indexStaging), false)
})

for (const [what, name] of Object.entries({
  'brackets and stars': 'a[b]*?{c}',
  quotes: `it's "here"`,
  'spaces, commas and a percent sign': 'my data, 100%',
  'the name of a partition': 'year=1999/month=13',
}))
  test(`works in a folder with ${what} in its name`, async t => {
    const paths = new Paths(join(await temporaryFolder(t), name, 'data'))
    await mkdir(paths.tarballs, { recursive: true })
    for (const night of NIGHTS) await convert(paths, night, { alertsPerFile: 4 })
    assert.deepEqual(monthsIn((await runIndexUpdate(paths)).lines), MONTHS)
    await assertSameAsNew(t, paths)
  })

/** A lake of `NIGHTS`, with several files per night, and its index. */
async function indexedLake(t: TestContext): Promise<Paths> {
  const paths = await dataFolder(t)
  for (const night of NIGHTS) await convert(paths, night, { alertsPerFile: 4 })
  assert.deepEqual((await runIndexUpdate(paths)).problems, [])
  return paths
}

/** Contents of the candidates table, the index and the lists of files. */
async function allTables(paths: Paths): Promise<Map<string, string>> {
  const tables = await tablesOf(paths)
  for (const path of [paths.files, paths.checksums]) tables.set(path, await readFile(path, 'base64'))
  return tables
}

/** Asserts that the tables are those of a lake that was made in one go from the same tarballs, in any folder. */
async function assertSameAsNew(t: TestContext, paths: Paths): Promise<void> {
  const fresh = await dataFolder(t)
  for (const night of await nightsOf(paths)) {
    const bytes = await readFile(paths.tarball(night))
    await convert(fresh, { name: night.name, bytes } satisfies Tarball, { alertsPerFile: await perFile(paths, night) })
  }
  await runIndexUpdate(fresh, 1)
  assert.deepEqual(differing(await tablesOf(paths), await tablesOf(fresh)), [])
  for (const list of ['files', 'checksums'] as const)
    assert.ok((await readFile(paths[list])).equals(await readFile(fresh[list])), paths[list])
}

async function perFile(paths: Paths, night: Night): Promise<number> {
  return (await readManifest(paths, night))?.alertsPerFile ?? assert.fail()
}

function sorted(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => compare(a, b, ['candid', 'programid3']))
}

/** Compares rows by columns, with null last. */
function compare(a: Row, b: Row, keys: readonly string[]): number {
  for (const key of keys) {
    const [x, y] = [a[key], b[key]] as [string | null, string | null]
    if ((x === null) !== (y === null)) return x === null ? 1 : -1
    if (x !== null && y !== null && x !== y) return x < y ? -1 : 1
  }
  return 0
}
