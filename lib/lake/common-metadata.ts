import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { alertColumns } from '../alerts/compile.ts'
import { literal, literalPath, query } from '../core/duckdb.ts'
import { exists, remove } from '../core/files.ts'
import { type Night, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import { typesOf, typesOfSchema } from './arrow.ts'
import type { Manifest } from './manifest.ts'
import { schemaOf } from './parquet.ts'

/**
 * Adds the columns of Parquet files to those of the lake's `_common_metadata`, a Parquet file without rows.
 *
 * Spark takes the schema of a lake from there, else from any one file: without it, a field that only newer nights have
 * would be seen or not by chance. All other columns are in every file, so most lakes need none.
 * @param files of nights; of one that is not published yet, so that no reader meets a column before it is known
 * @param folder on the lake's disk, of this process alone: another may be adding columns too
 */
export async function addCommonColumns(paths: Paths, files: readonly string[], folder: string): Promise<void> {
  const known = (await exists(paths.commonMetadata)) ? [paths.commonMetadata] : []
  const beside = join(folder, '_common_metadata.part')
  const union = `read_parquet([${[...known, ...files].map(literalPath)}], union_by_name = true, hive_partitioning = false)`
  await query(`copy (select * from ${union} limit 0) to ${literal(beside)} (format parquet)`)
  await rename(beside, paths.commonMetadata)
}

/**
 * Adds the columns of nights in the lake: of two that were published at the same moment, with different new columns, the
 * one may have replaced what the other had added. Only for the lake's holder.
 */
export async function settleCommonColumns(paths: Paths, manifests: readonly Manifest[]): Promise<void> {
  const files = manifests
    .filter(({ newColumns }) => newColumns.length > 0)
    .flatMap(manifest => lastFile(paths, manifest))
  if (files.length === 0) return
  await mkdir(paths.staging, { recursive: true })
  await addCommonColumns(paths, files, paths.staging)
}

/**
 * What is wrong with `_common_metadata`, in half a sentence; undefined where it has every column of the nights, or is
 * not there and they have none of their own.
 */
export async function commonFault(paths: Paths, manifests: readonly Manifest[]): Promise<string | undefined> {
  const added = manifests.flatMap(({ newColumns }) => newColumns)
  if (!(await exists(paths.commonMetadata)))
    return added.length > 0 ? 'is not there, expected the columns that only some nights have' : undefined
  const found = await schemaOf(paths.commonMetadata).then(typesOfSchema, () => undefined)
  if (!found) return 'cannot be read, expected a Parquet file without rows'
  const lacking = [...typesOf(alertColumns()).keys(), ...added].find(column => !found.has(column))
  return lacking && `lacks the column ${lacking}`
}

/** Makes it anew. Only for the lake's holder. */
export async function renewCommonColumns(paths: Paths, manifests: readonly Manifest[]): Promise<void> {
  await remove(paths.commonMetadata)
  await settleCommonColumns(paths, manifests)
}

function lastFile(paths: Paths, { tarball, files }: Manifest): string[] {
  const night = parseNight(tarball) as Night
  return files.slice(-1).map(({ name }) => join(paths.partition(night), name))
}
