import { DuckDB, literal, literalPath, type Row } from '../core/duckdb.ts'
import { DAY, showCount } from '../core/units.ts'
import { filesOf, parquet } from '../lake/scan.ts'
import { dateAt, type Night, nightOfStem } from '../night.ts'
import { inLake } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { channelsOf, lightCurve, type Point } from './light-curve.ts'
import { makeStamp, STAMPS, type Stamp } from './stamps.ts'

/** All that is shown of an object, or of one alert. */
export interface ObjectData {
  readonly objectId: string
  /** The alert's candid, or that of the object's newest. */
  readonly candid: bigint
  readonly candidate: Row
  readonly stamps: readonly Stamp[]
  readonly points: readonly Point[]
  /** Readout channels, each of a field, of the detections: each has reference images of its own. */
  readonly channels: number
  /** Alerts that tell the points. */
  readonly alerts: number
  /** First and last night of these alerts, `YYYYMMDD`. */
  readonly nights: readonly [first: string, last: string]
}

/**
 * Finds an object by all of its alerts in the selected nights. No stamp is read but those of its newest alert.
 * @throws Error in one sentence where the lake has none of it
 */
export async function findObject(paths: Paths, objectId: string, selection: Selection): Promise<ObjectData> {
  const nights = await inLake(paths, selection)
  const files = await filesOf(paths, nights)
  const found = await find(files, `objectId = ${literal(objectId)}`)
  if (found) return found
  throw new Error(`${objectId} has no alert in ${paths.lake}: ${whereLooked(nights)}`)
}

/**
 * Finds an alert by its candid, in the night that this tells and, where it is not there, in the two beside.
 * @throws Error in one sentence where it is in none of them
 */
export async function findAlert(paths: Paths, candid: bigint): Promise<ObjectData> {
  const dates = datesOf(candid)
  for (const date of dates) {
    const night = nightOfStem(`ztf_public_${date}`)
    const found = await find(await filesOf(paths, night ? [night] : []), `candid = ${candid}`)
    if (found) return found
  }
  throw new Error(
    `candid ${candid} is not in ${paths.lake}: looked for in the nights ${dates.join(', ')}, as its first digits say`,
  )
}

async function find(files: readonly string[], where: string): Promise<ObjectData | undefined> {
  if (files.length === 0) return undefined
  const database = await DuckDB.open()
  try {
    await database.query(
      `create table found as select objectId, candid, candidate, prv_candidates, fp_hists, filename,
         strftime(make_date(year, month, day), '%Y%m%d') as night
       from ${parquet(`[${files.map(literalPath).join(', ')}]`)} where ${where}`,
    )
    const rows = await database.query(
      'select objectId, candid, filename, night from found order by candidate.jd, candid',
    )
    return rows.length === 0 ? undefined : await gathered(database, rows)
  } finally {
    database.close()
  }
}

async function gathered(database: DuckDB, rows: Row[]): Promise<ObjectData> {
  const { objectId, candid, filename } = rows.at(-1) as { objectId: string; candid: bigint; filename: string }
  const [candidate = {}] = await database.query(`select candidate.* from found where candid = ${candid} limit 1`)
  const points = await lightCurve(database)
  const channels = await channelsOf(database)
  const stamps = await stampsOf(database, filename, candid)
  const alerts = new Set(rows.map(row => row.candid)).size
  return { objectId, candid, candidate, points, stamps, channels, alerts, nights: spanOf(rows) }
}

async function stampsOf(database: DuckDB, file: string, candid: bigint): Promise<Stamp[]> {
  const columns = STAMPS.map(name => `cutout${name}.stampData as ${name}`)
  const [row = {}] = await database.query(
    `select ${columns.join(', ')} from ${parquet(literalPath(file))} where candid = ${candid} limit 1`,
  )
  return STAMPS.map(name => makeStamp(name, (row[name] as { bytes: Uint8Array } | null)?.bytes ?? null))
}

function spanOf(rows: readonly Row[]): ObjectData['nights'] {
  const nights = rows.map(({ night }) => night as string).sort()
  return [nights[0] as string, nights.at(-1) as string]
}

function whereLooked(nights: readonly Night[]): string {
  const [first, last] = [nights[0], nights.at(-1)]
  if (!first || !last) return 'no night that was asked for is there: run make lake first, or give other NIGHTS'
  const when = first === last ? ` ${first.date}` : `s from ${first.date} to ${last.date}`
  return `looked for in ${showCount(nights.length)} night${when}`
}

const FIRST_NIGHT = Date.UTC(2017, 0, 1)
/** What is behind the night in a candid: the fraction of the day, readout channel, and number of the detection. */
const REST = 10n ** 15n

/**
 * The dates, `YYYYMMDD`, of the nights that an alert may be in: that of its exposure, which leads its candid as days
 * since 2017-01-01 UTC, then its neighbours, should a tarball have been cut at another hour.
 */
export function datesOf(candid: bigint): string[] {
  const night = Number(candid / REST)
  return [night, night + 1, night - 1].map(days => dateAt(FIRST_NIGHT + days * DAY))
}
