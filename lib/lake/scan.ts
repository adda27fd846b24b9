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
