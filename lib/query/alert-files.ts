import { join } from 'node:path'
import { type DuckDB, literalPath } from '../core/duckdb.ts'
import type { NightInLake } from '../index/plan.ts'
import { parquetName } from '../night.ts'
import type { Paths } from '../paths.ts'

/** Table of the nights, with the columns on which a query may have conditions. */
const NIGHTS = 'lake_nights'
/** SQL that selects all nights. */
export const ALL_NIGHTS = `select prefix from ${NIGHTS}`

const VARIABLE = 'lake_files'

/** End of the name of a night's first file. */
const FIRST = '0000.parquet'

/**
 * The lake's files, in a variable of the database. DuckDB makes their names from one row per night, because it takes
 * seconds to parse the 150,000 names of a full lake.
 */
export class AlertFiles {
  /** SQL expression for the list of files. */
  static readonly sql = `getvariable('${VARIABLE}')`

  private readonly database: DuckDB
  private readonly areAlike: boolean
  private selected = ''

  /** @param areAlike whether all files have the same columns, so that a view may read some of them */
  static async create(
    database: DuckDB,
    paths: Paths,
    nights: readonly NightInLake[],
    areAlike: boolean,
  ): Promise<AlertFiles> {
    const rows = nights.map(({ night, summary }) => {
      const first = join(paths.partition(night), parquetName(night, summary.md5, 0))
      return `(${night.date}, ${literalPath(first)}, ${summary.files})`
    })
    await database.query(
      `create table ${NIGHTS} as
       select strptime(date::varchar, '%Y%m%d')::date as night, year(night)::int as year, month(night)::int as month,
         day(night)::int as day, first[:-${FIRST.length + 1}] as prefix, files
       from (values ${rows.join(', ')}) nights(date, first, files)`,
    )
    return new AlertFiles(database, areAlike)
  }

  private constructor(database: DuckDB, areAlike: boolean) {
    this.database = database
    this.areAlike = areAlike
  }

  /** Selects the files that DuckDB has to read to find the columns. */
  async selectForColumns(): Promise<void> {
    await this.set(this.areAlike ? `${ALL_NIGHTS} limit 1` : ALL_NIGHTS)
  }

  /**
   * Selects the files of nights.
   * @param nights `ALL_NIGHTS`, or the same query with a condition
   */
  async select(nights: string): Promise<void> {
    await this.set(this.areAlike ? nights : ALL_NIGHTS)
  }

  private async set(nights: string): Promise<void> {
    if (nights === this.selected) return
    // Include at least one night, because a view takes its columns from a file.
    await this.database.query(
      `set variable ${VARIABLE} = (
         select flatten(list([prefix || format('{:04d}.parquet', i) for i in range(files)] order by prefix))
         from ${NIGHTS} where prefix in (${nights}) or prefix = (select min(prefix) from ${NIGHTS}))`,
    )
    this.selected = nights
  }
}
