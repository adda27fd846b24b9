import { RECORDS } from '../alerts/fields.ts'
import { printError } from '../core/console.ts'
import { type DuckDB, literal } from '../core/duckdb.ts'
import { exists } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { LakeIndex } from '../index/lake-index.ts'
import { type NightInLake, nightsInLake } from '../index/plan.ts'
import { describeMoved, isMoved } from '../lake/moved.ts'
import { parquet } from '../lake/scan.ts'
import type { NightSummary } from '../lake/summaries.ts'
import { isoDate, type Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { ALL_NIGHTS, AlertFiles } from './alert-files.ts'
import { analyse } from './night-condition.ts'
import { coneMacro, definePixels, objectsQuery } from './objects.ts'

/** Views of the lake, with descriptions of their rows. */
export const VIEWS = {
  alerts: 'one row per alert, as in the lake: candidate, prv_candidates, fp_hists and the stamps are nested',
  candidates: 'one row per alert: the fields of its candidate as columns; much faster than alerts',
  detections:
    'one row per exposure listed in an alert: its candidate and each of prv_candidates; is_limit: the alert lists no detection there',
  nights: 'one row per night in the lake, from its manifest; nights without alerts too',
  objects:
    'one row per object: mean position, number of alerts, first and last night, brightest difference magnitude per band',
}

/** Macros over the lake, with descriptions. */
export const MACROS = {
  cone: 'from cone(ra, dec, arcsec): the objects within a radius, nearest first',
}

type ViewName = keyof typeof VIEWS | keyof typeof MACROS

/** Views of the selected nights. Each is created when a statement needs it, because that may read thousands of files. */
export class Views {
  private readonly database: DuckDB
  private readonly paths: Paths
  private readonly selection: Selection
  private readonly created = new Set<string>()
  private opened: Promise<LakeIndex> | undefined
  private files: AlertFiles | undefined
  private hasOnlyQueries = true
  private hasNotedMoved = false
  /** Manifests that were found broken. */
  private readonly broken = new Set<string>()
  /** Nights that the running script reads, as SQL for `AlertFiles.select`. */
  private nightsRead = ALL_NIGHTS

  constructor(database: DuckDB, paths: Paths, selection: Selection) {
    this.database = database
    this.paths = paths
    this.selection = selection
  }

  /** Selects the files that a script needs. Call it before running the script. */
  async prepare(sql: string): Promise<void> {
    const { isQuery, nights } = await analyse(this.database, sql, ALL_NIGHTS)
    // Other statements may replace a view, or create a macro that reads one.
    this.hasOnlyQueries &&= isQuery
    this.nightsRead = (this.hasOnlyQueries && nights) || ALL_NIGHTS
    await this.files?.select(this.nightsRead)
  }

  /**
   * Creates a view. DuckDB reports the views that it reads as missing in turn, so that they are created as well.
   *
   * @returns false if there is no such view, or it was created before
   * @throws Error if the view can have no rows
   */
  async create(name: string): Promise<boolean> {
    if (!isView(name) || this.created.has(name)) return false
    await this.creators[name]()
    this.created.add(name)
    return true
  }

  private readonly creators: Readonly<Record<ViewName, () => Promise<void>>> = {
    alerts: async () => {
      const { database, paths } = this
      const nights = await this.nightsWithFiles()
      const areAlike = !(await exists(paths.commonMetadata))
      const files = await AlertFiles.create(database, paths, nights, areAlike)
      await files.selectForColumns()
      await this.createView(`alerts as ${withNight(parquet(AlertFiles.sql, !areAlike))}`)
      this.files = files
      await files.select(this.nightsRead)
    },
    candidates: async () => {
      await this.nightsWithAlerts()
      await this.createView(`candidates as ${withNight((await this.index()).candidatesTable(this.selection))}`)
    },
    detections: async () => {
      await this.nightsWithFiles()
      const candidates = (await this.index()).candidatesTable(this.selection, night => !isMoved(night))
      await this.createView(detectionsFrom(withNight(candidates)))
    },
    nights: async () => {
      const rows = (await this.nights()).map(({ night, summary }) => nightRow(night, summary))
      await this.database.query(nightsTable(rows))
    },
    objects: async () => {
      await this.noteMissing()
      await this.createView(`objects as ${objectsQuery((await this.index()).table('objects', this.selection))}`)
    },
    cone: async () => {
      await this.noteMissing()
      await definePixels(this.database)
      const positions = (await this.index()).table('positions', this.selection)
      await this.database.query(`create macro ${coneMacro(positions)}`)
    },
  }

  /** Prints a note if the index lacks selected nights. */
  private async noteMissing(): Promise<void> {
    await this.nights()
    const note = (await this.index()).note(this.selection)
    if (note) printError(note)
  }

  private index(): Promise<LakeIndex> {
    this.opened ??= LakeIndex.open(this.paths)
    return this.opened
  }

  private async createView(sql: string): Promise<void> {
    await this.database.query(`create view ${sql}`)
  }

  /**
   * Prints a note for each night that is left out because its manifest is broken.
   * @throws Error if there is no lake
   */
  private async nights(): Promise<NightInLake[]> {
    if (!(await exists(this.paths.lake))) throw this.emptyError()
    return nightsInLake(this.paths, this.selection, ({ message }) => {
      if (!this.broken.has(message)) printError(`note: the answer lacks a night: ${message}`)
      this.broken.add(message)
    })
  }

  /** @throws Error if there are none */
  private async nightsWithAlerts(): Promise<NightInLake[]> {
    const nights = await this.nights()
    const withAlerts = nights.filter(({ summary }) => summary.alerts > 0)
    if (withAlerts.length === 0) throw await this.noAlertsError(nights.length)
    return withAlerts
  }

  /**
   * The nights whose alerts can be read. Prints a note, once, if others were moved away.
   * @throws Error if there are none
   */
  private async nightsWithFiles(): Promise<NightInLake[]> {
    const nights = await this.nightsWithAlerts()
    const here = nights.filter(night => !isMoved(night))
    const moved = nights.filter(isMoved)
    if (here.length === 0)
      throw new Error(
        `${this.paths.lake} has only the candidates of ${describeMoved(moved)}: query alerts and detections there, or give other NIGHTS`,
      )
    if (moved.length > 0 && !this.hasNotedMoved) printError(`note: the answer lacks ${describeMoved(moved)}`)
    this.hasNotedMoved = true
    return here
  }

  private async noAlertsError(selected: number): Promise<Error> {
    const { lake } = this.paths
    if (selected > 0)
      return new Error(`${lake} has no alerts in these nights: their tarballs are empty; give other NIGHTS`)
    const all = await inLake(this.paths, () => true)
    if (all.length === 0) return this.emptyError()
    return new Error(
      `${lake} has none of these nights, but ${plural(all.length, 'other')}: give other NIGHTS, or run make lake`,
    )
  }

  private emptyError(): Error {
    return new Error(`${this.paths.lake} has no alerts: run make lake first`)
  }
}

function isView(name: string): name is ViewName {
  return Object.hasOwn(VIEWS, name) || Object.hasOwn(MACROS, name)
}

/** A column called `night`, which a lake of an earlier version may have, is left out. */
function withNight(table: string): string {
  const others = "columns(lambda name: lower(name) not in ('night', 'year', 'month', 'day'))"
  return `select ${others}, make_date(year, month, day) as night, year, month, day from ${table}`
}

/**
 * `alert` is the candid of the alert that lists the exposure. Later alerts of the object list the same exposure again,
 * for 30 days.
 *
 * The union is by name, because a newer schema may add fields to prv_candidates.
 *
 * @param candidates SQL for the candidates of the nights in `alerts`
 */
const detectionsFrom = (candidates: string) => `detections as
  select objectId, candid as alert, exposure.*, exposure.candid is null as is_limit, night, year, month, day
  from (select objectId, candid, night, year, month, day, unnest(prv_candidates) as exposure from alerts)
  union all by name
  select objectId, candid as alert, ${RECORDS.prv_candidate.map(({ name }) => name).join(', ')}, false as is_limit,
    night, year, month, day
  from (${candidates})`

/** Columns of `nights`. */
const NIGHT_COLUMNS = {
  night: 'DATE',
  state: 'VARCHAR',
  alerts: 'INTEGER',
  tarball: 'VARCHAR',
  tarballBytes: 'BIGINT',
  tarBytes: 'BIGINT',
  lakeBytes: 'BIGINT',
  files: 'BIGINT',
  members: 'INTEGER',
  duplicates: 'INTEGER',
  damaged: 'INTEGER',
  salvage: 'VARCHAR',
  schemaVersions: 'MAP(VARCHAR, INTEGER)',
  codec: 'VARCHAR',
  writer: 'VARCHAR',
  seconds: 'DOUBLE',
  md5: 'VARCHAR',
}

function nightRow({ date }: Night, summary: NightSummary): object {
  const row = { ...summary, night: isoDate(date) }
  return Object.fromEntries(Object.keys(NIGHT_COLUMNS).map(name => [name, row[name as keyof typeof row] ?? null]))
}

function nightsTable(rows: readonly object[]): string {
  const json = literal(JSON.stringify(rows))
  const structure = literal(JSON.stringify([NIGHT_COLUMNS]))
  return `create table nights as select night.* from (select unnest(from_json(${json}, ${structure})) as night)`
}
