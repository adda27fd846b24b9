import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { commonMetadataFault, rebuildCommonMetadata, updateCommonMetadata } from '../../lib/lake/common-metadata.ts'
import { convert, dataFolder } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { ask } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'

const KNOWN = makeNight({ night: '20240519', alerts: 3 })

test('writes no _common_metadata if all nights have the same columns', async t => {
  const paths = await dataFolder(t)
  await convert(paths, KNOWN)
  assert.equal(existsSync(paths.commonMetadata), false)
})

test('writes all columns, without rows, if some nights have columns of their own', async t => {
  const paths = await dataFolder(t)
  await convert(paths, futureNight('20260601', 'colour', 'double'))
  const first = await readFile(paths.commonMetadata)
  await convert(paths, KNOWN)
  assert.deepEqual(await readFile(paths.commonMetadata), first)
  await convert(paths, futureNight('20260602', 'age', 'long'))

  const [{ n } = {}] = await ask(paths, `select count(*)::int n from read_parquet('${paths.commonMetadata}')`)
  assert.equal(n, 0)
  const types = (source: string) => ask(paths, `select column_name, column_type from (describe from ${source})`)
  const all = await types('read_parquet(LAKE, union_by_name = true, hive_partitioning = false)')
  const common = await types(`read_parquet('${paths.commonMetadata}')`)
  assert.deepEqual(common, all)
  assert.deepEqual(common.map(({ column_name }) => column_name).slice(-2), ['colour', 'age'])
  assert.match(
    common.find(({ column_name }) => column_name === 'candidate')?.column_type as string,
    /"?colour"? DOUBLE/,
  )
  assert.deepEqual((await readdir(dirname(paths.commonMetadata))).sort(), [
    '_common_metadata',
    '_manifest',
    '_staging',
    'year=2024',
    'year=2026',
  ])
})

test('reports a missing, an incomplete and an unreadable file, and rebuilds it', async t => {
  const paths = await dataFolder(t)
  const first = await convert(paths, futureNight('20260601', 'colour', 'double'))
  const second = await convert(paths, futureNight('20260602', 'age', 'long'))
  const fault = () => commonMetadataFault(paths, [first, second])
  assert.equal(await fault(), undefined)
  const complete = await readFile(paths.commonMetadata)
  await rebuildCommonMetadata(paths, [first])
  assert.equal(await fault(), 'lacks the column candidate.age')
  await updateCommonMetadata(paths, [second])
  assert.equal(await fault(), undefined)
  await writeFile(paths.commonMetadata, 'garbage')
  assert.equal(await fault(), 'cannot be read, expected a Parquet file without rows')
  await rebuildCommonMetadata(paths, [])
  assert.equal(await fault(), 'is missing, expected the columns that only some nights have')
  assert.equal(await commonMetadataFault(paths, []), undefined)
  await rebuildCommonMetadata(paths, [first, second])
  assert.deepEqual(await readFile(paths.commonMetadata), complete)
})
