import { stat } from 'node:fs/promises'
import { DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { sha256Of } from '../core/files.ts'
import { PIXEL } from '../lake/candidates.ts'
import type { CandidatesFile } from '../lake/manifest.ts'
import { pixelOf } from '../sky/healpix.ts'
import { nightNumber } from '../synthetic/sighting.ts'
import type { SimulatedNight } from './lake-shape.ts'

/** Number of objects in a simulated month of 4.7 million alerts. */
const OBJECTS = 1_500_000
const MEMORY = 2 ** 30

/** Seven letters, different for each object. */
const LETTERS = Array.from({ length: 7 }, (_, i) => `chr((97 + object * 2654435761 // ${26 ** i} % 26)::int)`)

/** Columns that get values of their own in each alert, with their SQL. */
const CHANGED: Readonly<Record<string, string>> = {
  objectId: `'ZTF' || (17 + object % 9) || ${LETTERS.join(' || ')}`,
  candid: 'new_candid',
  jd: 'new_jd',
  nid: 'new_nid',
  pid: 'new_candid // 1000000',
  pdiffimfilename: 'replace(pdiffimfilename, pid::varchar, (new_candid // 1000000)::varchar)',
  ra: 'new_ra',
  dec: 'new_dec',
  ranr: 'new_ra + 1e-5',
  decnr: 'new_dec - 1e-5',
  [PIXEL]: 'pixel(new_ra, new_dec)',
  lake_file: 'number',
}
/** Columns that stay as they are, because they have few different values in real nights too. */
const KEPT = ['lake_row', 'exptime', 'tblid', 'rfid']

/** Makes the candidates files of a simulated lake from the one of a converted night. */
export class SimulatedCandidates {
  private readonly database: DuckDB
  private readonly template: string
  private readonly columns: readonly { name: string; type: string }[]
  /** Number of lake files of the converted night. */
  private readonly files: number

  /** @param template path of the converted night's candidates file */
  static async open(template: string, files: number, temporary: string): Promise<SimulatedCandidates> {
    const database = await DuckDB.open({ threads: 1, memory: MEMORY, temporary })
    await database.define({ name: 'pixel', parameters: ['DOUBLE', 'DOUBLE'], returns: 'INTEGER', call: pixelOf })
    const table = `read_parquet(${literalPath(template)}, hive_partitioning = false)`
    const rows = await database.query(`describe select * from ${table}`)
    const columns = rows.map(row => ({ name: row.column_name as string, type: row.column_type as string }))
    return new SimulatedCandidates(database, table, columns, files)
  }

  private constructor(
    database: DuckDB,
    template: string,
    columns: readonly { name: string; type: string }[],
    files: number,
  ) {
    this.database = database
    this.template = template
    this.columns = columns
    this.files = files
  }

  /**
   * Writes a night's candidates file. Its lake files are those of the converted night in turn, and each alert gets an
   * object, candid, time, position and measurements of its own.
   *
   * @param keepsAlerts whether the first lake files have the alerts of the converted night, unchanged
   */
  async write(night: SimulatedNight, keepsAlerts: boolean, path: string): Promise<CandidatesFile> {
    const changed = this.changedRows(night, keepsAlerts ? this.files : 0)
    const kept = `select * from ${this.template} where lake_file < ${night.files}`
    await this.database.query(
      `copy (${keepsAlerts ? `${kept} union all ${changed}` : changed}
       order by objectId, jd, candid, lake_file, lake_row) to ${literal(path)} (format parquet, compression zstd)`,
    )
    return { bytes: (await stat(path)).size, sha256: await sha256Of(path) }
  }

  close(): void {
    this.database.close()
  }

  /** Returns a query for the alerts in the lake files from the number `first` on. */
  private changedRows({ night, day, files }: SimulatedNight, first: number): string {
    const nid = nightNumber(night.date)
    // Of a day's 100,000 time steps, 43,000 from 12,000 on are dark. Times are shifted within these, so that candids of a
    // lake file stay distinct.
    return `select ${this.columns.map(column => `(${valueSql(column)})::${column.type} as ${column.name}`).join(', ')} from (
      select *, ${nid} as new_nid, seed % ${OBJECTS} as object,
        (${nid} * 100000 + new_time) * 10000000000 + candid % 10000000000 // 1000 * 1000 + 500 + number as new_candid,
        round(jd + ${nid} - nid + (new_time - time) / 1e5, 7) as new_jd,
        hash(object, 'ra') % 3600000000 / 1e7 + seed % 97 / 1e7 as new_ra,
        round(degrees(asin(1 - hash(object, 'dec') % 1000000 * 1.5e-6)) - seed % 89 / 1e7, 7) as new_dec
      from (
        select *, hash(${day}, number, lake_row) as seed, candid // 10000000000 % 100000 as time,
          12000 + (time - 12000 + number * 37) % 43000 as new_time
        from ${this.template} join (select unnest(range(${first}, ${files})) as number)
          on lake_file = number % ${this.files}))`
  }
}

/** Returns SQL for the value of a column. Numbers get noise, because repeated ones would be compressed too well. */
function valueSql({ name, type }: { name: string; type: string }): string {
  const changed = CHANGED[name]
  if (changed) return changed
  if (KEPT.includes(name)) return name
  const noise = `hash(seed, '${name}') % 65536`
  if (name.startsWith('jd')) return `${name} + (new_jd - jd)`
  if (type === 'BIGINT') return `if(${name} = -999, ${name}, xor(${name}, (${noise})::bigint))`
  if (type === 'FLOAT' || type === 'DOUBLE') return `if(${name} <= -999, ${name}, ${name} * (1 - ${noise} * 1e-8))`
  return name
}
