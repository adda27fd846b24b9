import { RECORDS } from '../alerts/fields.ts'
import { DuckDB, literalPath } from '../core/duckdb.ts'
import { exists } from '../core/files.ts'
import { plural } from '../core/units.ts'
import { filesOf, parquet } from '../lake/scan.ts'
import type { Night } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** Names of the views that `openLake` creates, with descriptions of their rows. */
export const VIEWS = {
  alerts: 'one row per alert, as in the lake: candidate, prv_candidates, fp_hists and the stamps are nested',
  candidates: 'one row per alert: the fields of its candidate as columns',
  detections:
    'one row per exposure listed in an alert: its candidate and each of prv_candidates; is_limit: not detected',
  nights: 'one row per night in the lake, from its manifest; nights without alerts too',
}

/**
 * Opens an in-memory database with views of the selected nights.
 * @throws Error if these nights have no alerts
 */
export async function openLake(paths: Paths, selection: Selection): Promise<DuckDB> {
  const nights = await inLake(paths, selection)
  const files = await filesOf(paths, nights)
  if (files.length === 0) throw await noAlertsError(paths, nights)
  const database = await DuckDB.open()
  // Keep the file names in a variable, because every query parses its views again, which is slow with 100,000 names.
  await database.query(`set variable lake_files = [${files.map(literalPath).join(', ')}]`)
  // Cache the Parquet footers, because the prompt runs many queries.
  await database.query('set parquet_metadata_cache = true')
  const alerts = alertsView(await exists(paths.commonMetadata))
  for (const view of [alerts, CANDIDATES, DETECTIONS, nightsView(paths, nights)])
    await database.query(`create view ${view}`)
  return database
}

async function noAlertsError(paths: Paths, selected: readonly Night[]): Promise<Error> {
  if (selected.length > 0)
    return new Error(`${paths.lake} has no alerts in these nights: their tarballs are empty; give other NIGHTS`)
  const all = await inLake(paths, () => true)
  if (all.length === 0) return new Error(`${paths.lake} has no alerts: run make lake first`)
  return new Error(
    `${paths.lake} has none of these nights, but ${plural(all.length, 'other')}: give other NIGHTS, or run make lake`,
  )
}

/** @param unionByName whether some nights have columns that others lack */
function alertsView(unionByName: boolean): string {
  return `alerts as select * exclude (year, month, day), make_date(year, month, day) as night, year, month, day
    from ${parquet("getvariable('lake_files')", unionByName)}`
}

const CANDIDATES = 'candidates as select objectId, candidate.*, night, year, month, day from alerts'

/**
 * `alert` is the candid of the alert that lists the exposure. Later alerts of the object list the same exposure again,
 * for 30 days.
 *
 * The union is by name, because a newer schema may add fields to prv_candidates.
 */
const DETECTIONS = `detections as
  select objectId, candid as alert, exposure.*, exposure.candid is null as is_limit, night, year, month, day
  from (select objectId, candid, night, year, month, day, unnest(prv_candidates) as exposure from alerts)
  union all by name
  select objectId, candid as alert, ${RECORDS.prv_candidate.map(({ name }) => name).join(', ')}, false as is_limit,
    night, year, month, day
  from candidates`

function nightsView(paths: Paths, nights: readonly Night[]): string {
  const files = nights.map(night => literalPath(paths.manifest(night))).join(', ')
  return `nights as select strptime(night, '%Y%m%d')::date as night, state, alerts, tarball, tarballBytes, tarBytes,
    coalesce(list_sum(files.list_transform(file -> file.bytes)), 0)::bigint as lakeBytes, len(files) as files,
    members, duplicates, damaged, salvage, schemaVersions, codec, writer, seconds, md5
  from read_json([${files}], columns = {
    tarball: 'varchar', night: 'varchar', state: 'varchar', salvage: 'varchar', md5: 'varchar', tarballBytes: 'bigint',
    tarBytes: 'bigint', members: 'int', alerts: 'int', duplicates: 'int', damaged: 'int',
    schemaVersions: 'map(varchar, int)', files: 'struct(name varchar, alerts int, bytes bigint)[]', codec: 'varchar',
    writer: 'varchar', seconds: 'double'})`
}
