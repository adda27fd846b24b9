import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { PositionList } from '../../lib/cone/positions.ts'
import { searchCones } from '../../lib/cone/search.ts'
import { LakeIndex } from '../../lib/index/lake-index.ts'
import type { Paths } from '../../lib/paths.ts'
import { LakeDatabase } from '../../lib/query/lake-database.ts'
import { Random } from '../../lib/synthetic/random.ts'
import { dataFolder } from '../support/data-folder.ts'
import { makeIndex } from '../support/index.ts'
import { ask, type Row } from '../support/lake-reader.ts'
import { realLake } from '../support/real-lake.ts'
import { type Ran, runScript } from '../support/run.ts'
import { NO_ARCHIVE } from '../support/shared.ts'
import { objectsInCone, objectsOf, type SkyAlert, type SkyObject, skyLake } from '../support/sky-lake.ts'

test('finds the same objects as a brute-force search, also at the poles and near right ascension 0', async t => {
  const { paths, alerts } = await skyLake(t)
  const found = await compareWithBruteForce(t, paths, alerts, [0.3, 1.5, 3, 10, 3600])
  assert.ok(found > 300, `${found} objects`)
})

test('finds the same real objects as a brute-force search', { skip: NO_ARCHIVE }, async t => {
  const paths = await dataFolder(t)
  await realLake(paths)
  await makeIndex(paths)
  const alerts = await ask(
    paths,
    `select objectId, make_date(year::int, month::int, day::int)::varchar as night, candidate.ra, candidate.dec, candidate.fid, candidate.magpsf
     from read_parquet(LAKE, hive_partitioning = true, union_by_name = true)`,
  )
  const found = await compareWithBruteForce(t, paths, alerts as unknown as SkyAlert[], [1, 30, 600])
  assert.ok(found > 100, `${found} objects`)
})

test('the result has the columns of the list first, under names of their own', async t => {
  const { paths, alerts } = await skyLake(t)
  const [{ ra, dec, objectId }] = objectsOf(alerts) as [SkyObject]
  const columns = ['Name', 'RA', 'dec', 'g', '', 'name', 'a "b"']
  const cells = ['x', String(ra), String(dec), "it's", '5', 'y', '']
  const [row] = await search(t, paths, { columns, positions: [{ ra, dec, cells }] }, 0.5)
  assert.deepEqual(Object.entries(row ?? {}).slice(0, 9), [
    ...[
      ['Name', 'x'],
      ['list_RA', String(ra)],
      ['list_dec', String(dec)],
      ['list_g', "it's"],
      ['column5', '5'],
    ],
    ...[
      ['list_name', 'y'],
      ['a "b"', ''],
      ['objectId', objectId],
    ],
    ['separation', 0],
  ])
})

test('make cone gives a table in each format', async t => {
  const { paths, alerts } = await skyLake(t)
  const [{ ra, dec, objectId }] = objectsOf(alerts) as [SkyObject]
  const settings = { RA: String(ra), DEC: String(dec), RADIUS: '0.5' }
  const header = 'objectId,separation,ra,dec,alerts,first_night,last_night,g,r,i'
  const { out } = await makeCone(paths, settings)
  assert.match(out, new RegExp(`^${header}\n${objectId},0\\.0,`))
  const ecsv = (await makeCone(paths, { ...settings, FORMAT: 'ecsv' })).out
  assert.match(ecsv, /^# %ECSV 1\.0\n# ---\n(#.*\n)+objectId,/)
  assert.ok(ecsv.endsWith(out))
  assert.equal(JSON.parse((await makeCone(paths, { ...settings, FORMAT: 'json' })).out)[0].objectId, objectId)
  assert.match(
    (await makeCone(paths, { ...settings, FORMAT: 'table' })).out,
    /^objectId +separation [\s\S]*\(1 row\)\n$/,
  )
  const file = join(paths.data, 'objects.parquet')
  assert.deepEqual(await makeCone(paths, { ...settings, FORMAT: 'parquet', OUT: file }), {
    status: 0,
    out: '',
    err: '',
  })
  assert.equal((await ask(paths, `from '${file}'`))[0]?.objectId, objectId)
})

test('make cone says if there is no object', async t => {
  const { paths } = await skyLake(t)
  const list = join(paths.data, 'list.csv')
  await writeFile(list, 'id,ra,dec\na,100,45\nb,101,45\n')
  const header = 'objectId,separation,ra,dec,alerts,first_night,last_night,g,r,i\n'
  const position = await makeCone(paths, { RA: '100', DEC: '+45:00:00', RADIUS: '0.001' })
  assert.deepEqual(position, { status: 0, out: header, err: 'note: no object within 0.001 arcsec of 100, 45\n' })
  assert.deepEqual(await makeCone(paths, { LIST: list, RADIUS: '0.001' }), {
    status: 0,
    out: `id,list_ra,list_dec,${header}`,
    err: `note: no object within 0.001 arcsec of 2 of 2 positions in ${list}\n`,
  })
})

test('make cone describes a wrong setting in one line', async t => {
  const paths = await dataFolder(t)
  const list = join(paths.data, 'list.csv')
  await writeFile(list, '1,2\n'.repeat(100_000))
  for (const [settings, message] of [
    [{ RADIUS: '5' }, 'give either RA=217.5 and DEC=-5.21, or LIST=positions.csv'],
    [{ RA: '1', RADIUS: '5' }, 'give either RA=217.5 and DEC=-5.21, or LIST=positions.csv'],
    [{ RA: '1', DEC: '2', LIST: list, RADIUS: '5' }, 'give either RA=217.5 and DEC=-5.21, or LIST=positions.csv'],
    [{ RA: '1', DEC: '2' }, 'give a radius in arcsec, such as RADIUS=5'],
    [{ RA: 'abc', DEC: '2', RADIUS: '5' }, "RA is 'abc': expected degrees such as 217.5, or hours such as 14:30:00"],
    [{ RA: '1', DEC: '91', RADIUS: '5' }, "DEC is '91': expected degrees from -90 to 90"],
    [{ RA: '1', DEC: '2', RADIUS: '0' }, "RADIUS is '0': expected arcsec such as 2.5, more than 0 and at most 3600"],
    [{ LIST: 'missing.csv', RADIUS: '5' }, 'missing.csv does not exist: was it moved, or is its disk not mounted?'],
    [{ LIST: list, RADIUS: '600' }, 'RADIUS is 600: expected at most 134 for 100,000 positions, or a shorter list'],
    [{ RA: '1', DEC: '2', RADIUS: '5' }, `${paths.lake} has no nights: run make lake first`],
    [{ RA: '1', DEC: '2', RADIUS: '5', FORMAT: 'parquet' }, 'FORMAT=parquet needs a file: give OUT=objects.parquet'],
  ] as const)
    assert.deepEqual(await makeCone(paths, settings), { status: 1, out: '', err: `error: ${message}\n` })
})

/** Searches around alerts, all in one list, and returns the number of objects found. */
async function compareWithBruteForce(
  t: TestContext,
  paths: Paths,
  alerts: readonly SkyAlert[],
  radii: readonly number[],
): Promise<number> {
  const [objects, random] = [objectsOf(alerts), new Random(5)]
  const positions = Array.from({ length: 50 }, (_, i) => {
    const { ra, dec } = random.pick(alerts)
    return { ra, dec, cells: [String(i)] }
  })
  let found = 0
  for (const radius of radii) {
    const rows = await search(t, paths, { columns: ['id'], positions }, radius)
    const expected = positions.flatMap(({ ra, dec, cells }) =>
      objectsInCone(objects, { ra, dec, radius }).map(object => ({ id: cells[0], ...object })),
    )
    assert.deepEqual(keysOf(rows), keysOf(expected))
    for (const [i, object] of expected.entries())
      assert.ok(Math.abs((rows[i]?.separation as number) - object.separation) < 1e-3)
    found += rows.length
  }
  return found
}

/** All columns but those that are rounded. */
function keysOf(rows: readonly object[]): object[] {
  return rows.map(row => {
    const { id, objectId, alerts, first_night, last_night, g, r, i } = row as Row
    return {
      id,
      objectId,
      alerts: Number(alerts),
      first_night: String(first_night),
      last_night: String(last_night),
      g,
      r,
      i,
    }
  })
}

async function search(t: TestContext, paths: Paths, list: PositionList, radius: number): Promise<Row[]> {
  const database = await LakeDatabase.open(paths, () => true)
  t.after(() => database.close())
  const { sql } = await searchCones(database, await LakeIndex.open(paths), () => true, { list, radius })
  return database.query(sql)
}

function makeCone(paths: Paths, settings: Record<string, string>): Promise<Ran> {
  return runScript('cone', { DATA: paths.data, ...settings })
}
