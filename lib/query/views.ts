import { RECORDS } from '../alerts/fields.ts'
import { DuckDB, literal, literalPath } from '../core/duckdb.ts'
import { exists } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { filesOf, parquet } from '../lake/scan.ts'
import type { Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** The views that `openLake` makes, and what a row of each is. */
export const VIEWS = {
  alerts: 'an alert, as the lake has it: candidate, prv_candidates, fp_hists and the stamps nested',
  candidates: 'an alert, its candidate flat, without the rest',
  detections:
    'an exposure that an alert tells of: its candidate, and each of prv_candidates; is_limit where none was seen',
  nights: 'a night in the lake, empty ones too, from its manifest',
}

/**
 * A database with the views over the lake, or over those of its nights that are selected.
 * @throws Error in one sentence where there are none
 */
export async function openLake(paths: Paths, selection: Selection): Promise<DuckDB> {
  const nights = await inLake(paths, selection)
  const files = await filesOf(paths, nights)
  if (files.length === 0) throw await withoutAlerts(paths, nights)
  const database = await DuckDB.open()
  // A view is bound again by each query: a list of 100,000 names would be parsed each time.
  await database.query(`set variable lake_files = [${files.map(literalPath).join(', ')}]`)
  // In a prompt, a footer is read once.
  await database.query('set parquet_metadata_cache = true')
  const alerts = alertsView(await exists(paths.commonMetadata))
  for (const view of [alerts, CANDIDATES, DETECTIONS, nightsView(paths, nights)])
    await database.query(`create view ${view}`)
  return database
}

/** What to do where the selected nights hold no alert. */
async function withoutAlerts(paths: Paths, selected: readonly Night[]): Promise<Error> {
  if (selected.length > 0)
    return new Error(`${paths.lake} holds no alerts of these nights, as nothing was seen in them: give other NIGHTS`)
  const all = await inLake(paths, () => true)
  if (all.length === 0) return new Error(`${paths.lake} holds no alerts: run make lake first`)
  return new Error(
    `${paths.lake} has none of these nights, but ${plural(all.length, 'other')}: give other NIGHTS, or run make lake`,
  )
}

/** @param differ whether some nights have columns that others lack */
function alertsView(differ: boolean): string {
  return `alerts as select * exclude (year, month, day), make_date(year, month, day) as night, year, month, day
    from ${parquet("getvariable('lake_files')", differ)}`
}

const CANDIDATES = 'candidates as select objectId, candidate.*, night, year, month, day from alerts'

/**
 * `alert` is the candid of the alert that tells it: an exposure is told by each alert of the 30 days after it. Rows are
 * united by name, since prv_candidates may have a field that is new.
 */
const DETECTIONS = `detections as
  select objectId, candid as alert, seen.*, seen.candid is null as is_limit, night, year, month, day
  from (select objectId, candid, night, year, month, day, unnest(prv_candidates) as seen from alerts)
  union all by name
  select objectId, candid as alert, ${RECORDS.prv_candidate.map(({ name }) => name).join(', ')}, false as is_limit,
    night, year, month, day
  from candidates`

/** What of a manifest is asked for; the rest is not parsed. */
const MANIFEST = {
  tarball: 'varchar',
  night: 'varchar',
  state: 'varchar',
  salvage: 'varchar',
  md5: 'varchar',
  tarballBytes: 'bigint',
  tarBytes: 'bigint',
  members: 'int',
  alerts: 'int',
  duplicates: 'int',
  damaged: 'int',
  schemaVersions: 'map(varchar, int)',
  files: 'struct(name varchar, alerts int, bytes bigint)[]',
  codec: 'varchar',
  writer: 'varchar',
  seconds: 'double',
}

function nightsView(paths: Paths, nights: readonly Night[]): string {
  const files = nights.map(night => literalPath(paths.manifest(night))).join(', ')
  const columns = Object.entries(MANIFEST).map(([name, type]) => `${name}: ${literal(type)}`)
  return `nights as select strptime(night, '%Y%m%d')::date as night, state, alerts, tarball, tarballBytes, tarBytes,
    coalesce(list_sum(files.list_transform(file -> file.bytes)), 0)::bigint as lakeBytes, len(files) as files,
    members, duplicates, damaged, salvage, schemaVersions, codec, writer, seconds, md5
  from read_json([${files}], columns = {${columns.join(', ')}})`
}
