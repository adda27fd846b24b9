import assert from 'node:assert/strict'
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { RECORDS } from '../../lib/alerts/fields.ts'
import { literalPath, query } from '../../lib/core/duckdb.ts'
import { sha256Of } from '../../lib/core/files.ts'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { pixelOf } from '../../lib/sky/healpix.ts'
import { AWKWARD_NIGHTS } from '../support/awkward-nights.ts'
import { convert, dataFolder, listed, nightOf } from '../support/data-folder.ts'
import { Disk, NO_DISK } from '../support/disk.ts'
import { futureNight } from '../support/future-night.ts'
import { lakeFile, tablesOf } from '../support/index-lake.ts'
import { plain, type Row } from '../support/lake-reader.ts'
import { emptyNight, makeNight, readableAlerts, type SyntheticNight } from '../support/night.ts'

const FIELDS = RECORDS.candidate.map(({ name }) => name).filter(name => name !== 'candid')
for (const [what, [night, files]] of Object.entries(AWKWARD_NIGHTS))
  test(`writes a row per alert with all fields, sorted, with its place in the lake: ${what}`, async t => {
    const paths = await dataFolder(t)
    const manifest = await convert(paths, night, { alertsPerFile: 3 })
    assert.equal(manifest.files.length, files)
    const places = await placesIn(paths, manifest)
    const rows = await candidatesOf(paths, nightOf(night.name))
    assert.deepEqual(rows, expectedRows(night, places))
    assert.deepEqual(
      rows.map(({ lake_file, lake_row }) => `${lake_file} ${lake_row}`).sort(),
      [...places.values()].map(([file, row]) => `${file} ${row}`).sort(),
    )
  })

test('has pixels, and null where an alert has no position', async t => {
  const paths = await dataFolder(t)
  const [night] = AWKWARD_NIGHTS['all schema versions, duplicates and damaged packets'] as [SyntheticNight, number]
  await convert(paths, night)
  const rows = await candidatesOf(paths, nightOf(night.name))
  const without = rows.filter(({ healpix13 }) => healpix13 === null)
  assert.ok(without.length > 0)
  for (const { ra, dec } of without) assert.ok(!Number.isFinite(ra) || !(Math.abs(dec as number) <= 90), `${ra} ${dec}`)
  for (const { healpix13, ra, dec } of rows) assert.equal(healpix13, pixelOf(ra as number, dec as number))
})

test('has the fields of candidate with the types of the lake, and the same columns for every night', async t => {
  const paths = await dataFolder(t)
  const tarballs = [
    ...Object.values(AWKWARD_NIGHTS).map(([night]) => night),
    futureNight('20260601', 'future', 'string'),
  ]
  const schemas: unknown[] = []
  for (const tarball of tarballs) {
    const manifest = await convert(paths, tarball, { alertsPerFile: 3 })
    const found = await typesOf(paths.candidatesFile(nightOf(tarball.name)))
    const lake = await typesOf(lakeFile(paths, manifest, 0))
    // The columns of `candidate` follow those of the same name at the top of the lake's files.
    const inLake = new Map(lake)
    for (const [name, type] of found) if (FIELDS.includes(name)) assert.equal(type, inLake.get(name), name)
    assert.deepEqual(
      found.map(([name]) => name),
      ['objectId', 'candid', 'schemavsn', ...FIELDS, ...ADDED],
    )
    for (const name of ADDED) assert.equal(new Map(found).get(name), 'INT32', name)
    schemas.push(found)
  }
  for (const schema of schemas) assert.deepEqual(schema, schemas[0])
})

const ADDED = ['num_prv_candidates', 'num_fp_hists', 'healpix13', 'lake_file', 'lake_row']

test('records the file, and the ranges of candid and jd of each lake file', async t => {
  const paths = await dataFolder(t)
  const tarball = makeNight({ night: '20200601', alerts: 20 })
  const manifest = await convert(paths, tarball, { alertsPerFile: 7 })
  const night = nightOf(tarball.name)
  const path = paths.candidatesFile(night)
  assert.deepEqual(manifest.candidates, { bytes: (await stat(path)).size, sha256: await sha256Of(path) })
  assert.deepEqual(await readManifest(paths, night), manifest)
  for (const [i, { candid, jd }] of manifest.files.entries()) {
    const alerts = tarball.alerts.slice(7 * i, 7 * i + 7).map(({ values }) => values)
    const candids = alerts.map(values => values.candid as bigint).sort((a, b) => (a < b ? -1 : 1))
    const times = alerts.map(({ candidate }) => (candidate as Row).jd as number)
    assert.deepEqual(candid, [String(candids.at(0)), String(candids.at(-1))])
    assert.deepEqual(jd, [Math.min(...times), Math.max(...times)])
  }
  assert.deepEqual(await readdir(paths.candidatesStaging), [])
})

test('removes what a process that died left of the same night, and nothing else', async t => {
  const paths = await dataFolder(t)
  const other = 'ztf_public_20200601_programid3.x.parquet.part'
  await mkdir(paths.candidatesStaging, { recursive: true })
  for (const name of ['ztf_public_20200601.x.parquet.part', other])
    await writeFile(join(paths.candidatesStaging, name), '')
  await convert(paths, makeNight({ night: '20200601', alerts: 2 }))
  assert.deepEqual(await readdir(paths.candidatesStaging), [other])
})

test('has no file for a night without alerts', async t => {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, emptyNight('20180710', 'tar'))
  assert.equal(manifest.candidates, undefined)
  assert.deepEqual([...(await tablesOf(paths)).keys()], [])
})

test('replaces the file of a republished night, and removes it if the night has become empty', async t => {
  const paths = await dataFolder(t)
  const former = makeNight({ night: '20191003', alerts: 20 })
  const night = nightOf(former.name)
  await convert(paths, former)
  const sibling = makeNight({ night: '20191003', kind: 'programid3', alerts: 4 })
  await convert(paths, sibling)
  const revised = makeNight({ night: '20191003', alerts: 9, seed: 2 })
  await convert(paths, revised, { alertsPerFile: 4 }, listed(revised))
  assert.deepEqual(
    (await candidatesOf(paths, night)).map(({ candid }) => candid).sort(),
    revised.alerts.map(({ values }) => values.candid).sort(),
  )
  const empty = emptyNight('20191003', 'zeros')
  assert.equal((await convert(paths, empty, {}, listed(empty))).candidates, undefined)
  const folder = dirname(paths.candidatesFile(night))
  assert.deepEqual(await readdir(folder), [`${nightOf(sibling.name).stem}.parquet`])
})

test('is published to another disk if its folder is a link to that disk', { skip: NO_DISK }, async t => {
  const paths = await dataFolder(t)
  const disk = await Disk.mount(t)
  await symlink(disk.folder, paths.candidates)
  const tarball = makeNight({ night: '20200601', alerts: 5 })
  const { candidates } = await convert(paths, tarball)
  const path = paths.candidatesFile(nightOf(tarball.name))
  assert.deepEqual(candidates, { bytes: (await stat(path)).size, sha256: await sha256Of(path) })
  assert.deepEqual(await readdir(dirname(path)), [`${nightOf(tarball.name).stem}.parquet`])
})

async function candidatesOf(paths: Paths, night: Night): Promise<Row[]> {
  const rows = await query(`from read_parquet(${literalPath(paths.candidatesFile(night))}, hive_partitioning = false)`)
  return rows.map(row => withoutNegativeZero(plain(row) as Row))
}

/** DuckDB writes one entry of a dictionary for 0 and -0, which are equal, and so the sign of a zero may be lost. */
function withoutNegativeZero(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Object.is(value, -0) ? 0 : value]))
}

/** Number of the lake file and row of each alert, by candid, as the lake's files have them. */
async function placesIn(paths: Paths, manifest: Manifest): Promise<Map<bigint, [file: number, row: number]>> {
  const places = new Map<bigint, [number, number]>()
  for (const i of manifest.files.keys()) {
    const path = literalPath(lakeFile(paths, manifest, i))
    const rows = await query(`select candid from read_parquet(${path}, hive_partitioning = false)`)
    for (const [row, { candid }] of rows.entries()) places.set(candid as bigint, [i, row])
  }
  return places
}

/** Rows that the candidates file of a night must have. */
function expectedRows(night: SyntheticNight, places: Awaited<ReturnType<typeof placesIn>>): Row[] {
  const rows = readableAlerts(night).map(({ values }) => {
    const candidate = values.candidate as Row
    const [lake_file, lake_row] = places.get(values.candid as bigint) ?? assert.fail()
    const length = (name: string) => ((values[name] ?? []) as Row[]).length
    return withoutNegativeZero({
      ...{ objectId: values.objectId, candid: values.candid, schemavsn: values.schemavsn ?? null },
      ...Object.fromEntries(FIELDS.map(name => [name, candidate[name] ?? null])),
      ...{ num_prv_candidates: length('prv_candidates'), num_fp_hists: length('fp_hists') },
      healpix13: pixelOf(candidate.ra as number, candidate.dec as number),
      ...{ lake_file, lake_row },
    })
  })
  return rows.sort(compareRows)
}

/** Order of `objectId`, `jd` and `candid`, with NaN after all numbers. */
function compareRows(a: Row, b: Row): number {
  for (const name of ['objectId', 'jd', 'candid']) {
    const [x, y] = [a[name], b[name]] as [string, string]
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1
    if (x < y || x > y) return x < y ? -1 : 1
  }
  return 0
}

/** Names and types of the leaves of a Parquet file. */
async function typesOf(path: string): Promise<[name: string, type: string][]> {
  const rows = await query(`select name, type from parquet_schema(${literalPath(path)}) where type is not null`)
  return rows.map(({ name, type }) => [name as string, type as string])
}
