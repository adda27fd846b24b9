import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isTaken } from './files.ts'
import type { Paths } from './paths.ts'
import { literal, query } from './sql.ts'

/**
 * Adds the columns of a Parquet file to those of the lake's `_common_metadata`, a Parquet file without rows.
 *
 * Spark takes the schema of a lake from there, else from any one file: without it, a field that only newer nights have
 * would be seen or not by chance. All other columns are in every file, so most lakes need none.
 * @param file of a night that is not published yet, so that no reader meets a column before it is known
 * @param folder on the lake's disk, of this process alone: another may be adding columns too
 */
export async function addCommonColumns(paths: Paths, file: string, folder: string): Promise<void> {
  const known = (await isTaken(paths.commonMetadata)) ? [paths.commonMetadata] : []
  const beside = join(folder, '_common_metadata.part')
  const union = `read_parquet([${[...known, file].map(literal)}], union_by_name = true, hive_partitioning = false)`
  await query(`copy (select * from ${union} limit 0) to ${literal(beside)} (format parquet)`)
  await rename(beside, paths.commonMetadata)
}
