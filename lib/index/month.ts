import { rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { makeFolder, remove, sha256Of } from '../core/files.ts'
import { PIXEL } from '../lake/candidates.ts'
import type { Paths } from '../paths.ts'
import type { Month } from './plan.ts'
import { type IndexedMonth, ORDERS, type Order } from './record.ts'

/** Columns by which each order is sorted. The last ones make the order unique. */
const BY_OBJECT = 'objectId, candid, day, programid3, lake_file, lake_row'
const SORTED_BY: Readonly<Record<Order, string>> = { objects: BY_OBJECT, positions: `${PIXEL}, ${BY_OBJECT}` }

/** Names of the index's columns, in order. */
export const INDEX_COLUMNS = `${BY_OBJECT}, ${PIXEL}, ra, dec, fid, magpsf`

/** Small, because a lookup reads one row group per month: 1 MB. */
const ROW_GROUP_SIZE = 32_768

/** Makes the index of a month in both orders, from its candidates files, and replaces the former one. */
export async function buildMonth(database: DuckDB, paths: Paths, month: Month): Promise<IndexedMonth> {
  const sha256: Partial<Record<Order, string>> = {}
  for (const order of ORDERS) {
    const staged = join(paths.indexStaging, `${order}.parquet.part`)
    await database.query(
      `copy (select ${INDEX_COLUMNS} from ${candidatesOf(paths, month)} order by ${SORTED_BY[order]})
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

/** Returns a DuckDB table expression for the candidates files of a month, which has `INDEX_COLUMNS`, among others. */
export function candidatesOf(paths: Paths, { nights }: Month): string {
  const files = nights.map(({ night }) => literalPath(paths.candidatesFile(night)))
  const days = nights.map(({ night }) => Number(night.date.slice(6)))
  const kinds = nights.map(({ night }) => night.kind === 'programid3')
  return `(select *, ([${days}]::tinyint[])[file_index::bigint + 1] as day, [${kinds}][file_index::bigint + 1] as programid3
    from read_parquet([${files}], hive_partitioning = false))`
}
