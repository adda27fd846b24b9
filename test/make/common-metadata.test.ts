import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeAtomic } from '../../lib/core/files.ts'
import { addCommonColumns } from '../../lib/lake/common-metadata.ts'
import { readManifest } from '../../lib/lake/manifest.ts'
import { nightOf } from '../support/data-folder.ts'
import { futureNight } from '../support/future-night.ts'
import { ask } from '../support/lake-reader.ts'
import { makeNight } from '../support/night.ts'
import { Workspace } from '../support/workspace.ts'

test('keeps the columns of two nights converted at the same moment, and reports a lost one', async t => {
  const space = await Workspace.open(t, [])
  const { paths } = space
  const nights = [futureNight('20260601', 'colour', 'double'), futureNight('20260602', 'age', 'long')]
  for (const { name, bytes } of nights) await writeAtomic(join(paths.tarballs, name), bytes)
  assert.equal((await space.make('lake WORKERS=2')).status, 0)
  const columns = async () => {
    const rows = await ask(paths, `select column_name n from (describe from read_parquet('${paths.commonMetadata}'))`)
    return rows.map(({ n }) => n).sort()
  }
  const all = await columns()
  assert.equal((await space.make('check')).status, 0)
  // As if the second night had overwritten the columns of the first.
  await rm(paths.commonMetadata)
  const [file = ''] =
    (await readManifest(paths, nightOf('ztf_public_20260602.tar.gz')))?.files.map(({ name }) => name) ?? []
  await addCommonColumns(paths, join(paths.partition(nightOf('ztf_public_20260602.tar.gz')), file), paths.staging)
  const { status, out } = await space.make('check')
  assert.equal(status, 2)
  assert.match(out, /^FAILED +\S+_common_metadata {2}lacks the column \S*colour: make repair rebuilds it$/m)
  assert.equal((await space.make('repair')).status, 0)
  assert.deepEqual(await columns(), all)
})

test('reports an unreadable _common_metadata, and repairs it', async t => {
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
