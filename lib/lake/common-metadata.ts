import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { alertColumns } from '../alerts/compile.ts'
import { literal, literalPath, query } from '../core/duckdb.ts'
import { exists, remove } from '../core/files.ts'
import { type Night, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import { schemaTypes } from './arrow.ts'
import { columnTypes } from './column-types.ts'
import type { Manifest } from './manifest.ts'
import { readParquet } from './parquet-reader.ts'

/**
 * Adds the columns of Parquet files to the lake's `_common_metadata`, a Parquet file without rows.
 *
 * Without this file, Spark takes the lake's schema from an arbitrary Parquet file, which may lack columns of other
 * nights. It is not needed if all Parquet files have the same columns.
 *
 * @param folder where to write a temporary file. It must be on the lake's disk and not shared with other processes
 */
export async function addCommonColumns(paths: Paths, files: readonly string[], folder: string): Promise<void> {
  const known = (await exists(paths.commonMetadata)) ? [paths.commonMetadata] : []
  const temporary = join(folder, '_common_metadata.part')
  const union = `read_parquet([${[...known, ...files].map(literalPath)}], union_by_name = true, hive_partitioning = false)`
  await query(`copy (select * from ${union} limit 0) to ${literal(temporary)} (format parquet)`)
  await rename(temporary, paths.commonMetadata)
}

/**
 * Adds the columns of converted nights again, because nights published in parallel may have overwritten each other's
 * new columns. Call only while holding the lake's lock.
 */
export async function updateCommonMetadata(paths: Paths, manifests: readonly Manifest[]): Promise<void> {
  const files = manifests
    .filter(({ newColumns }) => newColumns.length > 0)
    .flatMap(manifest => lastFile(paths, manifest))
  if (files.length === 0) return
  await mkdir(paths.staging, { recursive: true })
  await addCommonColumns(paths, files, paths.staging)
}

/**
 * Returns the fault in `_common_metadata`; undefined if the file has every column of the nights, or if it is missing
 * and no night has new columns.
 */
export async function commonMetadataFault(paths: Paths, manifests: readonly Manifest[]): Promise<string | undefined> {
  const added = manifests.flatMap(({ newColumns }) => newColumns)
  if (!(await exists(paths.commonMetadata)))
    return added.length > 0 ? 'is missing, expected the columns that only some nights have' : undefined
  const found = await readParquet(paths.commonMetadata).then(
    ({ schema }) => schemaTypes(schema),
    () => undefined,
  )
  if (!found) return 'cannot be read, expected a Parquet file without rows'
  const missing = [...columnTypes(alertColumns()).keys(), ...added].find(column => !found.has(column))
  return missing && `lacks the column ${missing}`
}

/** Removes `_common_metadata`, and recreates it if it is needed. Call only while holding the lake's lock. */
export async function rebuildCommonMetadata(paths: Paths, manifests: readonly Manifest[]): Promise<void> {
  await remove(paths.commonMetadata)
  await updateCommonMetadata(paths, manifests)
}

function lastFile(paths: Paths, { tarball, files }: Manifest): string[] {
  const night = parseNight(tarball) as Night
  return files.slice(-1).map(({ name }) => join(paths.partition(night), name))
}
