import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { nightsInLake } from '../../lib/index/plan.ts'
import {
  commonMetadataFault,
  readCommonColumns,
  rebuildCommonMetadata,
  updateCommonMetadata,
} from '../../lib/lake/common-metadata.ts'
import { readLakeColumns } from '../../lib/lake/lake-columns.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { ask } from '../support/lake-reader.ts'
import { ADDRESS, move } from '../support/moved.ts'
import { makeNight } from '../support/night.ts'

const KNOWN = makeNight({ night: '20240519', alerts: 3 })
const COLOUR = futureNight('20260601', 'colour', 'double')
const AGE = futureNight('20260602', 'age', 'long')

test('writes no _common_metadata if all nights have the same columns', async t => {
  const paths = await dataFolder(t)
  await convert(paths, KNOWN)
  assert.equal(existsSync(paths.commonMetadata), false)
})

test('writes all columns, without rows, if some nights have columns of their own', async t => {
  const paths = await dataFolder(t)
  await convert(paths, COLOUR)
  const first = await readFile(paths.commonMetadata)
  await convert(paths, KNOWN)
  assert.deepEqual(await readFile(paths.commonMetadata), first)
  await convert(paths, AGE)

  const [{ n } = {}] = await ask(paths, `select count(*)::int n from read_parquet('${paths.commonMetadata}')`)
  assert.equal(n, 0)
  const types = async (source: string) => {
    const columns = await ask(paths, `select column_name, column_type from (describe from ${source})`)
    return columns.map(({ column_name, column_type }) => [column_name, String(column_type).split(/[(,)]/).sort()])
  }
  const all = await types('read_parquet(LAKE, union_by_name = true, hive_partitioning = false)')
  const common = await types(`read_parquet('${paths.commonMetadata}')`)
  assert.deepEqual(common.toSorted(), all.toSorted())
  assert.deepEqual(common.map(([name]) => name).slice(-2), ['age', 'colour'])
  assert.deepEqual((await readdir(dirname(paths.commonMetadata))).sort(), [
    '_common_metadata',
    '_manifest',
    '_staging',
    'year=2024',
    'year=2026',
  ])
})

test('writes the same bytes whatever the order of the nights', async t => {
  const bytes = await Promise.all(
    [
      [COLOUR, AGE],
      [AGE, COLOUR],
    ].map(async nights => {
      const paths = await dataFolder(t)
      for (const night of nights) await convert(paths, night)
      return readFile(paths.commonMetadata)
    }),
  )
  assert.deepEqual(bytes[0], bytes[1])
})

test('reports a missing, an incomplete and an unreadable file, and rebuilds it', async t => {
  const paths = await dataFolder(t)
  for (const night of [COLOUR, AGE]) await convert(paths, night)
  const nights = await nightsInLake(paths)
  const { columns } = await readLakeColumns(paths, nights)
  const fault = () => commonMetadataFault(paths, columns)
  assert.equal(await fault(), undefined)
  const complete = await readFile(paths.commonMetadata)
  const colours = columns.filter(({ path }) => path.endsWith('colour'))
  await rebuildCommonMetadata(paths, colours)
  assert.equal(await fault(), 'lacks the column candidate.age')
  await updateCommonMetadata(paths, nights)
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
  await rebuildCommonMetadata(paths, [...colours, { path: 'candidate.age', type: 'Utf8' }])
  assert.equal(await fault(), 'has the column candidate.age as Utf8, expected Int64')
  await writeFile(paths.commonMetadata, 'garbage')
  assert.equal(await fault(), 'cannot be read, expected a Parquet file without rows')
  await assert.rejects(readCommonColumns(paths), {
    message: `${paths.commonMetadata} cannot be read, expected a Parquet file without rows: run make repair`,
  })
  await updateCommonMetadata(paths, nights)
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
  await rebuildCommonMetadata(paths, [])
  assert.equal(await fault(), 'is missing, expected the columns that only some nights have')
  assert.equal(await commonMetadataFault(paths, []), undefined)
  await rebuildCommonMetadata(paths, columns)
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
})

test('accepts the columns of a night that is gone, which the file still has', async t => {
  const paths = await dataFolder(t)
  for (const night of [COLOUR, AGE]) await convert(paths, night)
  await rm(paths.manifest(nightOf(AGE.name)))
  const { columns } = await readLakeColumns(paths, await nightsInLake(paths))
  assert.deepEqual(columns.map(({ path }) => path).sort(), ['candidate.colour', 'colour'])
  assert.equal(await commonMetadataFault(paths, columns), undefined)
})

test('keeps the columns of moved nights when it is updated and rebuilt', async t => {
  const paths = await dataFolder(t)
  for (const night of [COLOUR, AGE]) await convert(paths, night)
  const complete = await readFile(paths.commonMetadata)
  for (const night of [COLOUR, AGE]) await move(paths, night)
  const nights = await nightsInLake(paths)
  const { columns } = await readLakeColumns(paths, nights)
  assert.equal(await commonMetadataFault(paths, columns), undefined)
  await updateCommonMetadata(paths, nights)
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
  await rebuildCommonMetadata(paths, columns)
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
})

test('refuses to make the file again without the columns of moved nights, and says where they are', async t => {
  const paths = await dataFolder(t)
  for (const night of [COLOUR, AGE, KNOWN]) await convert(paths, night)
  for (const night of [COLOUR, KNOWN]) await move(paths, night)
  const nights = await nightsInLake(paths)
  const expected = {
    message:
      `${paths.commonMetadata} is missing or cannot be read, and cannot be made again, because it has columns of ` +
      `1 night that was moved to ${ADDRESS}: copy it from ${ADDRESS}/lake/_common_metadata`,
  }
  await writeFile(paths.commonMetadata, 'garbage')
  await assert.rejects(updateCommonMetadata(paths, nights), expected)
  await rm(paths.commonMetadata)
  await assert.rejects(updateCommonMetadata(paths, nights), expected)
  await updateCommonMetadata(
    paths,
    nights.filter(({ night }) => night.date !== '20260601'),
  )
  assert.ok(existsSync(paths.commonMetadata))
})

test('reports every byte that has changed, even if the file can be read', async t => {
  const paths = await dataFolder(t)
  for (const night of [COLOUR, AGE]) await convert(paths, night)
  const { columns } = await readLakeColumns(paths, await nightsInLake(paths))
  const bytes = await readFile(paths.commonMetadata)
  for (let i = 0; i < bytes.length; i += 7) {
    const changed = Buffer.from(bytes)
    changed[i] = (changed[i] as number) ^ (1 << (i % 8))
    await writeFile(paths.commonMetadata, changed)
    assert.notEqual(await commonMetadataFault(paths, columns), undefined, `byte ${i}`)
  }
})
