import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { makeFolder, mapLimit, remove, sha256Of, sha256OfBytes } from '../core/files.ts'
import { readManifest } from '../lake/manifest.ts'
import { isoDate, type Night, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { LakeLists } from './record.ts'

/**
 * Writes `_files.parquet` and `_SHA256SUMS`, the lists of the lake's files. Paths in them are relative to the lake.
 *
 * Their names begin with `_`, because Spark would read other files next to the partitions as data.
 *
 * @returns the SHA-256 of each
 */
export async function writeLakeLists(
  database: DuckDB,
  paths: Paths,
  nights: readonly Night[],
): Promise<Omit<LakeLists, 'inputs'>> {
  const rows = (await mapLimit(nights, night => filesOf(paths, night))).flat()
  const json = join(paths.indexStaging, 'files.json')
  // On the lake's disk, which may not be that of the index.
  const staged = join(paths.staging, 'files.parquet.part')
  const stagedSums = join(paths.staging, 'SHA256SUMS.part')
  await makeFolder(paths.staging)
  await writeFile(json, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const columns = `{night: 'date', path: 'varchar', bytes: 'bigint', alerts: 'int', sha256: 'varchar',
    min_candid: 'bigint', max_candid: 'bigint', min_jd: 'double', max_jd: 'double'}`
  await database.query(
    `copy (select * from read_json(${literalPath(json)}, format = 'newline_delimited', columns = ${columns},
       hive_partitioning = false))
     to ${literal(staged)} (format parquet, compression zstd)`,
  )
  const files = await sha256Of(staged)
  const sums = rows.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('')
  await writeFile(stagedSums, sums, { flush: true })
  await rename(staged, paths.files)
  await rename(stagedSums, paths.checksums)
  await remove(json)
  return { files, checksums: sha256OfBytes(sums) }
}

async function filesOf(paths: Paths, night: Night) {
  const files = (await readManifest(paths, night))?.files ?? []
  return files.map(({ name, bytes, alerts, sha256, candid, jd }) => ({
    night: isoDate(night.date),
    path: `${partition(night)}/${name}`,
    bytes,
    alerts,
    sha256,
    min_candid: candid?.[0] ?? null,
    max_candid: candid?.[1] ?? null,
    min_jd: jd?.[0] ?? null,
    max_jd: jd?.[1] ?? null,
  }))
}
