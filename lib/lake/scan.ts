import { join } from 'node:path'
import { listNames, mapLimit } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'

/** Returns the paths of the Parquet files in the nights' partitions. */
export async function filesOf(paths: Paths, nights: readonly Night[]): Promise<string[]> {
  const folders = new Set(nights.map(night => paths.partition(night)))
  const files = await mapLimit([...folders], async folder => {
    const names = (await listNames(folder)).filter(name => name.endsWith('.parquet'))
    return names.sort().map(name => join(folder, name))
  })
  return files.flat()
}

/**
 * Returns a DuckDB table expression for Parquet files.
 * @param files SQL expression for a list of paths
 * @param unionByName if true, DuckDB reads every footer first, and the table has the columns of all files; if false,
 *   the table has the columns of the first file
 */
export function parquet(files: string, unionByName = false): string {
  const types = 'hive_types = {year: int, month: int, day: int}'
  return `read_parquet(${files}, hive_partitioning = true, ${types}, union_by_name = ${unionByName})`
}
