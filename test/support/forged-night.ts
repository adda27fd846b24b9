import assert from 'node:assert/strict'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { query } from '../../lib/core/duckdb.ts'
import { sha256Of } from '../../lib/core/files.ts'
import { type Manifest, readManifest, writeManifest } from '../../lib/lake/manifest.ts'
import type { Night } from '../../lib/night.ts'
import type { Paths } from '../../lib/paths.ts'
import { convert, dataFolder, nightOf } from './data-folder.ts'
import { makeNight } from './night.ts'

export const NIGHT = nightOf('ztf_public_20191003.tar.gz')
export const TARBALL = makeNight({ night: NIGHT.date, alerts: 20 })

/** Converts `TARBALL` to three Parquet files. */
export async function threeFiles(t: TestContext): Promise<{ paths: Paths; manifest: Manifest }> {
  const paths = await dataFolder(t)
  const manifest = await convert(paths, TARBALL, { alertsPerFile: 7 })
  assert.equal(manifest.files.length, 3)
  return { paths, manifest }
}

export function fileOf(paths: Paths, night: Night, { files }: Manifest, index: number): string {
  return join(paths.partition(night), files[index]?.name ?? assert.fail())
}

/** Replaces a Parquet file of `NIGHT` by the result of a query of the table `file`, and its record in the manifest. */
export async function forge(paths: Paths, index: number, select: string): Promise<void> {
  const manifest = (await readManifest(paths, NIGHT)) ?? assert.fail()
  const path = fileOf(paths, NIGHT, manifest, index)
  const source = `with file as (from read_parquet('${path}', hive_partitioning = false))`
  await query(`copy (${source} ${select}) to '${path}.new' (format parquet)`)
  await rename(`${path}.new`, path)
  const { length: bytes } = await readFile(path)
  const record = { bytes, sha256: await sha256Of(path) }
  const files = manifest.files.map((file, i) => (i === index ? { ...file, ...record } : file))
  await writeManifest(paths, NIGHT, { ...manifest, files })
}
