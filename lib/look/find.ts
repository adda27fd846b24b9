import { DuckDB, literal, literalPath, type Row } from '../core/duckdb.ts'
import { plural } from '../core/units.ts'
import { filesOf, parquet } from '../lake/scan.ts'
import { candidDates, type Night, nightOfStem } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { countChannels, lightCurve, type Point } from './light-curve.ts'
import { readStamp, STAMPS, type Stamp } from './stamps.ts'

/** Data that `make look` shows for an object or a single alert. */
export interface ObjectData {
  readonly objectId: string
  /** Id of the requested alert or of the object's newest alert. `candidate` and `stamps` are from this alert. */
  readonly candid: bigint
  readonly candidate: Row
  readonly stamps: readonly Stamp[]
  readonly points: readonly Point[]
  /** Number of combinations of field and readout channel with detections. Each has its own reference images. */
  readonly channels: number
  /** Number of alerts from which the points were read. */
  readonly alerts: number
  /** Dates of the first and last night with alerts, `YYYYMMDD`. */
  readonly nights: readonly [first: string, last: string]
}

/** Reads all alerts of an object in the selected nights, but only the newest alert's stamps. */
export async function findObject(paths: Paths, objectId: string, selection: Selection): Promise<ObjectData> {
  const nights = await inLake(paths, selection)
  const object = await readObject(await filesOf(paths, nights), `objectId = ${literal(objectId)}`)
  if (object) return object
  throw new Error(`${objectId} has no alert in ${paths.lake}: ${describeSearch(nights)}`)
}

/** Reads one alert. Its candid determines the nights to search. */
export async function findAlert(paths: Paths, candid: bigint): Promise<ObjectData> {
  const dates = candidDates(candid)
  for (const date of dates) {
    const night = nightOfStem(`ztf_public_${date}`)
    const object = await readObject(await filesOf(paths, night ? [night] : []), `candid = ${candid}`)
    if (object) return object
  }
  throw new Error(
    `candid ${candid} is not in ${paths.lake}: searched the nights ${dates.join(', ')}, which its first digits give`,
  )
}

/** Reads the alerts that match `where`, an SQL condition; undefined if there are none. */
async function readObject(files: readonly string[], where: string): Promise<ObjectData | undefined> {
  if (files.length === 0) return undefined
  const database = await DuckDB.open()
  try {
    await database.query(
      `create table object_alerts as select objectId, candid, candidate, prv_candidates, fp_hists, filename,
         strftime(make_date(year, month, day), '%Y%m%d') as night
       from ${parquet(`[${files.map(literalPath).join(', ')}]`)} where ${where}`,
    )
    const [newest] = await database.query(
      'select filename, objectId, candidate.* from object_alerts order by candidate.jd desc, candid desc limit 1',
    )
    return newest && (await collect(database, newest))
  } finally {
    database.close()
  }
}

async function collect(database: DuckDB, { filename, objectId, ...candidate }: Row): Promise<ObjectData> {
  const candid = candidate.candid as bigint
  const [counted] = await database.query(
    'select count(distinct candid)::int as alerts, min(night) as first, max(night) as last from object_alerts',
  )
  const { alerts, first, last } = counted as { alerts: number; first: string; last: string }
  return {
    objectId: objectId as string,
    candid,
    candidate,
    points: await lightCurve(database),
    stamps: await readStamps(database, filename as string, candid),
    channels: await countChannels(database),
    alerts,
    nights: [first, last],
  }
}

async function readStamps(database: DuckDB, file: string, candid: bigint): Promise<Stamp[]> {
  const columns = STAMPS.map(name => `cutout${name}.stampData as ${name}`)
  const [row = {}] = await database.query(
    `select ${columns.join(', ')} from ${parquet(literalPath(file))} where candid = ${candid} limit 1`,
  )
  return STAMPS.map(name => readStamp(name, (row[name] as { bytes: Uint8Array } | null)?.bytes ?? null))
}

function describeSearch(nights: readonly Night[]): string {
  const [first, last] = [nights[0], nights.at(-1)]
  if (!first || !last) return 'none of the selected nights is in the lake; run make lake first, or give other NIGHTS'
  const dates = first === last ? first.date : `from ${first.date} to ${last.date}`
  return `searched ${plural(nights.length, 'night')}, ${dates}`
}
