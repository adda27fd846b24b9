import { join } from 'node:path'
import { literal, literalPath, query, type Row } from '../core/duckdb.ts'
import { statOptional } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { describeMoved, isMoved } from '../lake/moved.ts'
import { parquet } from '../lake/scan.ts'
import { candidDates, type Night, parquetName } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { lacksCandidates, monthsOf, type NightInLake, nightsInLake } from './plan.ts'
import { type IndexRecord, type Order, readRecord } from './record.ts'

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

/** The candidates table and the index, for queries. The nights of the lake are read once, when it is opened. */
export class LakeIndex {
  private readonly paths: Paths
  private readonly nights: readonly NightInLake[]
  private readonly record: IndexRecord

  static async open(paths: Paths): Promise<LakeIndex> {
    return new LakeIndex(paths, await nightsInLake(paths), await readRecord(paths))
  }

  private constructor(paths: Paths, nights: readonly NightInLake[], record: IndexRecord) {
    this.paths = paths
    this.nights = nights
    this.record = record
  }

  /** Returns the nights of the lake that are not in the index, e.g. because a run was killed before it was updated. */
  missing(selection: Selection): Night[] {
    const { months } = this.record
    const current = monthsOf(this.nights).filter(({ name, inputs }) => months[name]?.inputs === inputs)
    const indexed = new Set(current.flatMap(({ nights }) => nights))
    return this.nights
      .filter(night => night.summary.alerts > 0 && !indexed.has(night) && selection(night.night.date))
      .map(({ night }) => night)
  }

  /** Returns a note for the user if an answer from the index lacks selected nights; undefined if there is no index. */
  note(selection: Selection): string | undefined {
    const missing = this.missing(selection).length
    if (missing === 0 || Object.keys(this.record.months).length === 0) return undefined
    return `note: the answer lacks ${plural(missing, 'night')} that ${this.paths.index} does not have yet: run make index`
  }

  /** Returns a note for the user if an answer from alerts lacks selected nights that were moved; undefined if none were. */
  movedNote(selection: Selection): string | undefined {
    const moved = this.moved(selection)
    return moved.length > 0 ? `note: the answer lacks ${describeMoved(moved)}` : undefined
  }

  /** Returns the nights whose alerts were moved away. */
  moved(selection: Selection): NightInLake[] {
    return this.withAlerts(selection).filter(isMoved)
  }

  private withAlerts(selection: Selection): NightInLake[] {
    return this.nights.filter(({ night, summary }) => summary.alerts > 0 && selection(night.date))
  }

  /**
   * Returns a DuckDB table expression for the candidates table of the selected nights, with the columns `year`, `month`
   * and `day`.
   *
   * @param filter tells which of these nights to include
   * @throws Error if the candidates files of some of these nights are missing, or none of them has alerts
   */
  candidatesTable(selection: Selection, filter = (_: NightInLake) => true): string {
    const { candidates } = this.paths
    const nights = this.withAlerts(selection).filter(filter)
    const missing = nights.filter(lacksCandidates).length
    if (missing > 0)
      throw new Error(
        `${candidates} lacks ${plural(missing, 'night')} of the lake, which an earlier version converted: run make index`,
      )
    if (nights.length === 0) throw new Error(`${candidates} has none of the selected nights: run make lake first`)
    return parquet(`[${nights.map(({ night }) => literalPath(this.paths.candidatesFile(night)))}]`)
  }

  /**
   * Returns a DuckDB table expression for the index of the selected nights, with the columns `year` and `month`.
   *
   * @throws Error if there is no index
   */
  table(order: Order, selection: Selection): string {
    const { paths, nights } = this
    const months = Object.keys(this.record.months)
    if (nights.length === 0) throw new Error(`${paths.lake} has no nights: run make lake first`)
    if (months.length === 0) throw new Error(`${paths.index} has no index of the lake: run make index`)
    const selected = nights.filter(({ night }) => selection(night.date))
    const files = months.filter(month => selected.some(isIn(month))).map(month => paths.indexFile(order, month))
    if (files.length === 0) throw new Error(`${paths.index} has none of the selected nights: give other NIGHTS`)
    const table = `read_parquet([${files.map(literalPath)}], hive_partitioning = true,
      hive_types = {year: int, month: int})`
    if (selected.length === nights.length) return table
    const dates = [...new Set(selected.map(({ night }) => Number(night.date)))]
    return `(select * from ${table} where year * 10000 + month * 100 + day in (${dates}))`
  }

  /**
   * Finds all alerts of objects in the selected nights, in the order of `objectId` and `candid`, except those that were
   * moved away.
   *
   * @throws Error if there is no index
   */
  async findAlerts(objectIds: readonly string[], selection: Selection): Promise<AlertPlace[]> {
    const table = this.table('objects', selection)
    if (objectIds.length === 0) return []
    const rows = await query(
      `select objectId, candid, lake_file, lake_row, programid3, year * 10000 + month * 100 + day as date
       from ${table} where objectId in (${objectIds.map(literal)}) order by objectId, candid`,
    )
    const nights = new Map(this.nights.map(night => [night.night.stem, night]))
    return rows.flatMap(row => {
      const stem = `ztf_public_${row.date}${row.programid3 ? '_programid3' : ''}`
      const night = nights.get(stem)
      if (night) return isMoved(night) ? [] : placeOf(this.paths, row, night)
      throw new Error(`${this.paths.index} has an alert of ${stem}, which is not in the lake: run make index`)
    })
  }

  /**
   * Finds one alert in the candidates files of the nights that its candid encodes; undefined if it is not there.
   * @throws Error if it was moved away
   */
  async findAlert(candid: bigint): Promise<AlertPlace | undefined> {
    const dates = candidDates(candid)
    const nights = dates.flatMap(date =>
      this.nights.filter(({ night, summary }) => night.date === date && summary.alerts > 0),
    )
    // An alert that was moved with one night may also be in another one, which is here.
    const [here, elsewhere] = [nights.filter(night => !isMoved(night)), nights.filter(isMoved)]
    for (const { night, summary } of [...here, ...elsewhere]) {
      const file = this.paths.candidatesFile(night)
      if (!(await statOptional(file)))
        throw new Error(`${file} is missing: run make ${summary.candidates ? 'repair' : 'index'}`)
      const [row] = await query(
        `select objectId, candid, lake_file, lake_row from read_parquet(${literalPath(file)}, hive_partitioning = false)
         where candid = ${candid} limit 1`,
      )
      if (row && summary.movedTo)
        throw new Error(
          `alert ${candid} is in ${night.stem}, which was moved to ${summary.movedTo}, and can only be read there`,
        )
      if (row) return placeOf(this.paths, row, { night, summary })
    }
    return undefined
  }
}

function isIn(month: string): (night: NightInLake) => boolean {
  return ({ night }) => night.date.startsWith(month)
}

function placeOf(paths: Paths, row: Row, { night, summary }: NightInLake): AlertPlace {
  const name = parquetName(night, summary.md5, row.lake_file as number)
  return {
    objectId: row.objectId as string,
    candid: row.candid as bigint,
    night,
    path: join(paths.partition(night), name),
    row: row.lake_row as number,
  }
}
