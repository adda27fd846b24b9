import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { makeFolder, mapLimit, remove, sha256Of, sha256OfBytes } from '../core/files.ts'
import { type LakeFile, readManifest } from '../lake/manifest.ts'
import { isoDate, type Night, partition } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { LakeLists } from './record.ts'

// `_files.parquet` and `_SHA256SUMS` are the lists of the lake's files. Paths in them are relative to the lake. Their names
// begin with `_`, because Spark would read other files next to the partitions as data.

interface ListedNight {
  readonly night: Night
  readonly files: readonly LakeFile[]
}

interface StagedLists extends Omit<LakeLists, 'inputs'> {
  readonly filesPath: string
  readonly checksumsPath: string
}

/** Writes the lists, and returns the SHA-256 of each. */
export async function writeLakeLists(
  database: DuckDB,
  paths: Paths,
  nights: readonly Night[],
): Promise<Omit<LakeLists, 'inputs'>> {
  const listed = await mapLimit(nights, async night => ({
    night,
    files: (await readManifest(paths, night))?.files ?? [],
  }))
  // On the lake's disk, which may not be that of the index.
  const { filesPath, checksumsPath, files, checksums } = await stageLakeLists(database, listed, paths.staging)
  await rename(filesPath, paths.files)
  await rename(checksumsPath, paths.checksums)
  return { files, checksums }
}

/** Writes the lists of these nights' files to temporary files in a folder. */
export async function stageLakeLists(
  database: DuckDB,
  nights: readonly ListedNight[],
  folder: string,
): Promise<StagedLists> {
  const rows = nights.flatMap(rowsOf)
  const [json, filesPath, checksumsPath] = ['files.json', 'files.parquet.part', 'SHA256SUMS.part'].map(name =>
    join(folder, name),
  ) as [string, string, string]
  await makeFolder(folder)
  await writeFile(json, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  const columns = `{night: 'date', path: 'varchar', bytes: 'bigint', alerts: 'int', sha256: 'varchar',
    min_candid: 'bigint', max_candid: 'bigint', min_jd: 'double', max_jd: 'double'}`
  await database.query(
    `copy (select * from read_json(${literalPath(json)}, format = 'newline_delimited', columns = ${columns},
       hive_partitioning = false))
     to ${literal(filesPath)} (format parquet, compression zstd)`,
  )
  await remove(json)
  const sums = rows.map(({ sha256, path }) => `${sha256}  ${path}\n`).join('')
  await writeFile(checksumsPath, sums, { flush: true })
  return { filesPath, checksumsPath, files: await sha256Of(filesPath), checksums: sha256OfBytes(sums) }
}

function rowsOf({ night, files }: ListedNight) {
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
