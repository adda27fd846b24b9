import { join } from 'node:path'
import { DuckDB, literal, literalPath, type Row } from '../core/duckdb.ts'
import { statOptional } from '../core/files.ts'
import { candidDates, type Night, nightOfStem, parquetName } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { monthsOf, type NightInLake, nightsInLake } from './plan.ts'
import { readRecord } from './record.ts'
import { indexTable } from './tables.ts'

/** Where an alert lies in the lake. */
export interface AlertPlace {
  readonly objectId: string
  readonly candid: bigint
  readonly night: Night
  /** Path of the Parquet file. */
  readonly path: string
  /** Row in the file, starting at 0. */
  readonly row: number
}

/**
 * Finds all alerts of objects in the selected nights, in the order of `objectId` and `candid`.
 *
 * @throws Error if there is no index
 */
export async function findAlerts(
  paths: Paths,
  objectIds: readonly string[],
  selection: Selection,
): Promise<AlertPlace[]> {
  const table = await indexTable(paths, 'objects', selection)
  if (objectIds.length === 0) return []
  const rows = await ask(
    `select objectId, candid, lake_file, lake_row, programid3, year * 10000 + month * 100 + day as date
     from ${table} where objectId in (${objectIds.map(literal)}) order by objectId, candid`,
  )
  const nights = new Map((await nightsInLake(paths, selection)).map(night => [night.night.stem, night]))
  return rows.map(row => placeOf(paths, row, nights))
}

/** Finds one alert, in the candidates files of the nights that its candid gives; undefined if it is not there. */
export async function findAlert(paths: Paths, candid: bigint): Promise<AlertPlace | undefined> {
  const stems = candidDates(candid).flatMap(date => [`ztf_public_${date}`, `ztf_public_${date}_programid3`])
  const dates = new Set(candidDates(candid))
  const nights = new Map((await nightsInLake(paths, date => dates.has(date))).map(night => [night.night.stem, night]))
  for (const stem of stems) {
    const night = nightOfStem(stem)
    const file = night && paths.candidatesFile(night)
    if (!night || !nights.has(stem)) continue
    if (!file || !(await statOptional(file))) throw new Error(`${file} is missing: run make index`)
    const [row] = await ask(
      `select objectId, candid, lake_file, lake_row, ${night.kind === 'programid3'} as programid3, ${night.date} as date
       from read_parquet(${literalPath(file)}, hive_partitioning = false) where candid = ${candid} limit 1`,
    )
    if (row) return placeOf(paths, row, nights)
  }
  return undefined
}

/** Returns the nights of the lake that are not in the index, e.g. because a run was killed before it was updated. */
export async function notIndexed(paths: Paths, selection: Selection): Promise<Night[]> {
  const nights = await nightsInLake(paths, () => true)
  const { months } = await readRecord(paths)
  const indexed = new Set(
    monthsOf(nights)
      .filter(({ name, inputs }) => months[name]?.inputs === inputs)
      .flatMap(({ nights }) => nights),
  )
  return nights
    .filter(night => night.summary.alerts > 0 && !indexed.has(night) && selection(night.night.date))
    .map(({ night }) => night)
}

async function ask(sql: string): Promise<Row[]> {
  const database = await DuckDB.open()
  try {
    return await database.query(sql)
  } finally {
    database.close()
  }
}

function placeOf(paths: Paths, row: Row, nights: ReadonlyMap<string, NightInLake>): AlertPlace {
  const stem = `ztf_public_${row.date}${row.programid3 ? '_programid3' : ''}`
  const found = nights.get(stem)
  if (!found) throw new Error(`${paths.index} has an alert of ${stem}, which is not in the lake: run make index`)
  const { night, summary } = found
  const name = parquetName(night, summary.md5, row.lake_file as number)
  return {
    objectId: row.objectId as string,
    candid: row.candid as bigint,
    night,
    path: join(paths.partition(night), name),
    row: row.lake_row as number,
  }
}
