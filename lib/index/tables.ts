import { literalPath } from '../core/duckdb.ts'
import { plural } from '../core/units.ts'
import { parquet } from '../lake/scan.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { lacksCandidates, type NightInLake, nightsInLake } from './plan.ts'
import { type Order, readRecord } from './record.ts'

/**
 * Returns a DuckDB table expression for the candidates table of the selected nights, with the columns `year`, `month`
 * and `day`.
 *
 * @throws Error if the candidates files of some of these nights are missing, or none of them has alerts
 */
export async function candidatesTable(paths: Paths, selection: Selection): Promise<string> {
  const nights = (await nightsInLake(paths, selection)).filter(({ summary }) => summary.alerts > 0)
  const missing = nights.filter(lacksCandidates)
  if (missing.length > 0)
    throw new Error(
      `${paths.candidates} lacks ${plural(missing.length, 'night')} of the lake, which an earlier version converted: ` +
        'run make index',
    )
  if (nights.length === 0) throw new Error(`${paths.candidates} has none of the selected nights: run make lake first`)
  return parquet(`[${nights.map(({ night }) => literalPath(paths.candidatesFile(night)))}]`)
}

/**
 * Returns a DuckDB table expression for the index of the selected nights, with the columns `year` and `month`.
 *
 * @throws Error if there is no index
 */
export async function indexTable(paths: Paths, order: Order, selection: Selection): Promise<string> {
  const months = Object.keys((await readRecord(paths)).months)
  if (months.length === 0) throw new Error(`${paths.index} has no index of the lake: run make index`)
  const nights = await nightsInLake(paths, () => true)
  const selected = nights.filter(({ night }) => selection(night.date))
  const files = months.filter(month => selected.some(isIn(month))).map(month => paths.indexFile(order, month))
  if (files.length === 0) throw new Error(`${paths.index} has none of the selected nights: give other NIGHTS`)
  const table = `read_parquet([${files.map(literalPath)}], hive_partitioning = true,
    hive_types = {year: int, month: int})`
  if (selected.length === nights.length) return table
  const dates = [...new Set(selected.map(({ night }) => Number(night.date)))]
  return `(select * from ${table} where year * 10000 + month * 100 + day in (${dates}))`
}

function isIn(month: string): (night: NightInLake) => boolean {
  return ({ night }) => night.date.startsWith(month)
}
