import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LakeShape } from '../../lib/bench/lake-shape.ts'
import { SimulatedLake } from '../../lib/bench/simulated-lake.ts'
import { literal, literalPath, query } from '../../lib/core/duckdb.ts'
import { LakeIndex } from '../../lib/index/lake-index.ts'
import { planIndex } from '../../lib/index/plan.ts'
import { type Manifest, readManifest } from '../../lib/lake/manifest.ts'
import { temporaryFolder } from '../support/folder.ts'

const ALERTS = 5
/** Three months of 16 or 15 nights. */
const SHAPE: LakeShape = {
  firstMonth: '202311',
  months: 3,
  files: [2, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 2, 1],
  completeMonths: 1,
}

test('makes a lake whose candidates and index agree, reuses it, and can make the index of its last month stale', async t => {
  const folder = join(await temporaryFolder(t), 'reading')
  const lake = await SimulatedLake.create(folder, SHAPE, ALERTS)
  const { paths, known } = lake
  const nights = (await planIndex(paths)).nights.map(({ night }) => night)
  const manifests = (await Promise.all(nights.map(night => readManifest(paths, night)))).flatMap(found => found ?? [])
  assert.equal(manifests.length, 46)

  const alerts = manifests.reduce((sum, manifest) => sum + manifest.alerts, 0)
  assert.equal(alerts, ALERTS * (3 * 19 + 1))
  const count = async (files: string) => (await query(`select count(*) as n from read_parquet(${files})`))[0]?.n
  assert.equal(await count(literal(join(paths.candidates, '**/*.parquet'))), BigInt(alerts))
  assert.equal(await count(literal(join(paths.index, 'objects/**/*.parquet'))), BigInt(alerts))

  const index = await LakeIndex.open(paths)
  const found = await index.findAlerts([known.objectId], () => true)
  assert.equal(found.length, 9)
  for (const { path, row } of found) assert.deepEqual(await idsAt(path, row), [known.objectId, BigInt(known.candid)])
  assert.deepEqual((await index.findAlert(BigInt(known.candid)))?.night.date, '20240101')
  for (const manifest of manifests.slice(0, 2)) await assertSizes(lake, manifest)

  const { mtimeMs } = await stat(join(folder, 'complete.json'))
  assert.deepEqual((await SimulatedLake.create(folder, SHAPE, ALERTS)).known, known)
  assert.equal((await stat(join(folder, 'complete.json'))).mtimeMs, mtimeMs)

  assert.deepEqual(await staleMonths(lake), [])
  await lake.forgetLastMonth()
  assert.deepEqual(await staleMonths(lake), ['202401'])
})

test('refuses so few alerts that files would need too many links', async t => {
  const shape = { ...SHAPE, files: [120_000], completeMonths: 3 }
  await assert.rejects(SimulatedLake.create(await temporaryFolder(t), shape, 15_000), {
    message: 'BENCH has 15,000 alerts per night: expected at least 15,001, so that no file has more than 60,000 links',
  })
})

async function staleMonths({ paths }: SimulatedLake): Promise<string[]> {
  return (await planIndex(paths)).stale.map(({ name }) => name)
}

async function idsAt(path: string, row: number): Promise<unknown[]> {
  const rows = await query(`select objectId, candid from read_parquet(${literalPath(path)}) limit 1 offset ${row}`)
  return Object.values(rows[0] ?? {})
}

async function assertSizes({ paths }: SimulatedLake, { files, night }: Manifest): Promise<void> {
  const folder = join(paths.lake, `year=${night.slice(0, 4)}/month=${night.slice(4, 6)}/day=${night.slice(6)}`)
  for (const { name, bytes } of files) assert.equal((await stat(join(folder, name))).size, bytes)
}
