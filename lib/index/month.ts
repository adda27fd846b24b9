import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { makeFolder, remove, sha256Of } from '../core/files.ts'
import { PIXEL } from '../lake/candidates.ts'
import type { Paths } from '../paths.ts'
import type { Month } from './plan.ts'
import { type IndexedMonth, ORDERS, type Order } from './record.ts'

/** Columns by which each order is sorted. The last ones make the order unique. */
const SORTED_BY: Readonly<Record<Order, string>> = {
  objects: 'objectId, candid, day, programid3, lake_file, lake_row',
  positions: `${PIXEL}, objectId, candid, day, programid3, lake_file, lake_row`,
}

/** Names of the index's columns. */
export const INDEX_COLUMNS = `objectId, candid, day, programid3, lake_file, lake_row, ${PIXEL}, ra, dec, fid, magpsf`

/** Small, because a lookup reads one row group per month: 1 MB. */
const ROW_GROUP_SIZE = 32_768

/** Makes the index of a month in both orders, from its candidates files, and replaces the former one. */
export async function buildMonth(database: DuckDB, paths: Paths, month: Month): Promise<IndexedMonth> {
  const sha256: Partial<Record<Order, string>> = {}
  for (const order of ORDERS) {
    const staged = join(paths.indexStaging, `${order}.parquet.part`)
    await database.query(
      `copy (select ${indexColumns(month)} from ${candidatesFiles(paths, month)} order by ${SORTED_BY[order]})
       to ${literal(staged)} (format parquet, compression zstd, row_group_size ${ROW_GROUP_SIZE})`,
    )
    sha256[order] = await sha256Of(staged)
    const target = paths.indexFile(order, month.name)
    await makeFolder(dirname(target))
    await rename(staged, target)
  }
  const alerts = month.nights.reduce((sum, { summary }) => sum + summary.alerts, 0)
  return { inputs: month.inputs, alerts, sha256: sha256 as Record<Order, string> }
}

export async function removeMonth(paths: Paths, name: string): Promise<void> {
  for (const order of ORDERS) await remove(dirname(paths.indexFile(order, name)))
}

/** Returns SQL for `INDEX_COLUMNS`, from the table `candidatesFiles`. */
export function indexColumns({ nights }: Month): string {
  const days = nights.map(({ night }) => Number(night.date.slice(6)))
  const kinds = nights.map(({ night }) => night.kind === 'programid3')
  return `objectId, candid, ([${days}]::tinyint[])[file_index::bigint + 1] as day, [${kinds}][file_index::bigint + 1] as programid3,
    lake_file, lake_row, ${PIXEL}, ra, dec, fid, magpsf`
}

/** Returns a DuckDB table expression for the candidates files of a month. */
export function candidatesFiles(paths: Paths, { nights }: Month): string {
  return `read_parquet([${nights.map(({ night }) => literalPath(paths.candidatesFile(night)))}], hive_partitioning = false)`
}
