import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { sha256OfBytes } from '../../lib/core/files.ts'
import { checkNight } from '../../lib/lake/check-night.ts'
import { tarballFaults } from '../../lib/lake/check-tarball.ts'
import { writeManifest } from '../../lib/lake/manifest.ts'
import { fileOf, NIGHT, threeFiles } from '../support/forged-night.ts'

const parquet = createRequire(import.meta.url)('parquet-wasm') as typeof import('parquet-wasm')

/** Rewrites a Parquet file as the first version of ztf-lake did: by parquet-wasm, in small row groups. */
function rewritten(bytes: Uint8Array): Uint8Array {
  const properties = new parquet.WriterPropertiesBuilder()
    .setCompression(parquet.Compression.SNAPPY)
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(3)
    .build()
  return parquet.writeParquet(parquet.readParquet(bytes), properties)
}

test('a night may have files of the first version of ztf-lake as well as new ones', async t => {
  const { paths, manifest } = await threeFiles(t)
  const read = () =>
    query(`select sum(hash(alerts)) as sum from read_parquet('${paths.partition(NIGHT)}/*.parquet') alerts`)
  const before = await read()
  const path = fileOf(paths, NIGHT, manifest, 1)
  const bytes = rewritten(await readFile(path))
  await writeFile(path, bytes)
  const record = { bytes: bytes.length, sha256: sha256OfBytes(bytes) }
  const files = manifest.files.map((file, i) => (i === 1 ? { ...file, ...record } : file))
  const mixed = { ...manifest, files }
  await writeManifest(paths, NIGHT, mixed)
  await checkNight(paths, NIGHT, mixed)
  assert.deepEqual(await tarballFaults(paths, NIGHT, mixed), { night: [] })
  assert.deepEqual(await read(), before)
})
