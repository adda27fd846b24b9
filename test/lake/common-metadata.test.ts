import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { writeAtomic } from '../../lib/core/files.ts'
import { addCommonColumns } from '../../lib/lake/common-metadata.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { makeNight, type SyntheticNight } from '../../lib/synthetic/night.ts'
import type { SchemaField } from '../../lib/synthetic/schema.ts'
import { convert, dataFolder, nightOf } from '../support/data-folder.ts'
import { ask } from '../support/lake-reader.ts'
import { Workspace } from '../support/workspace.ts'

const KNOWN = makeNight({ night: '20240519', alerts: 3 })

test('where no night has a column of its own the lake has no _common_metadata', async t => {
  const paths = await dataFolder(t)
  await convert(paths, KNOWN)
  assert.equal(existsSync(paths.commonMetadata), false)
})

test('columns that only some nights have are in _common_metadata, beside all others and without a row', async t => {
  const paths = await dataFolder(t)
  await convert(paths, future('20260601', 'colour', 'double'))
  const first = await readFile(paths.commonMetadata)
  await convert(paths, KNOWN)
  assert.deepEqual(await readFile(paths.commonMetadata), first)
  await convert(paths, future('20260602', 'age', 'long'))

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
    '_staging',
    '_common_metadata',
    '_manifest',
    'year=2024',
    'year=2026',
  ])
})

test('two nights that add different columns at the same moment lose none, and a check sees one that is lost', async t => {
  const space = await Workspace.open(t, [])
  const { paths } = space
  const nights = [future('20260601', 'colour', 'double'), future('20260602', 'age', 'long')]
  for (const { name, bytes } of nights) await writeAtomic(join(paths.tarballs, name), bytes)
  assert.equal((await space.make('lake WORKERS=2')).status, 0)
  const columns = async () => {
    const rows = await ask(paths, `select column_name n from (describe from read_parquet('${paths.commonMetadata}'))`)
    return rows.map(({ n }) => n).sort()
  }
  const all = await columns()
  assert.equal((await space.make('check')).status, 0)
  // What is left where the one has replaced what the other had added.
  await rm(paths.commonMetadata)
  const [file = ''] =
    (await readManifest(paths, nightOf('ztf_public_20260602.tar.gz')))?.files.map(({ name }) => name) ?? []
  await addCommonColumns(paths, [join(paths.partition(nightOf('ztf_public_20260602.tar.gz')), file)], paths.staging)
  const { status, out } = await space.make('check')
  assert.equal(status, 2)
  assert.match(out, /^FAILED +\S+_common_metadata {2}lacks the column \S*colour: make repair makes it anew$/m)
  assert.equal((await space.make('repair')).status, 0)
  assert.deepEqual(await columns(), all)
})

test('one that cannot be read is found where no night has a column of its own too, and goes with a repair', async t => {
  const space = await Workspace.open(t, [])
  const { paths } = space
  const { name, bytes } = makeNight({ night: '20240601', alerts: 3 })
  await writeAtomic(join(paths.tarballs, name), bytes)
  assert.equal((await space.make('lake')).status, 0)
  await writeAtomic(paths.commonMetadata, 'garbage')
  assert.match((await space.make('check')).out, /^FAILED +\S+_common_metadata {2}cannot be read, /m)
  assert.equal((await space.make('repair')).status, 0)
  assert.equal(existsSync(paths.commonMetadata), false)
  assert.equal((await space.make('check')).status, 0)
})

/** A night of which every alert has one field more, and so has its candidate. */
function future(night: string, name: string, type: string): SyntheticNight {
  const field: SchemaField = { name, type: ['null', type], default: null }
  return makeNight({
    night,
    alerts: 3,
    schemas: [{ version: '4.02', style: 'go', extra: { alert: [field], candidate: [field] } }],
  })
}
