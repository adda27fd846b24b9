import { readPlaces } from '../curve/alerts.ts'
import { LEAVES } from '../curve/columns.ts'
import { type CurveRow, mergeAlerts } from '../curve/merge.ts'
import { missingError } from '../curve/missing.ts'
import type { AlertPlace, LakeIndex } from '../index/lake-index.ts'
import { candidDates } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { type Point, pointsOf } from './points.ts'
import { readShownAlerts, type ShownAlert } from './shown-alerts.ts'

/** Data that `make look` shows for an object or a single alert. */
export interface ObjectData {
  readonly objectId: string
  /** Id of the requested alert or of the object's newest alert. `candidate` is from this alert. */
  readonly candid: bigint
  readonly candidate: Readonly<Record<string, unknown>>
  /** Alerts with their stamps, the alert of `candid` first. */
  readonly shown: readonly ShownAlert[]
  /** The light curve as `make curve` writes it. */
  readonly rows: readonly CurveRow[]
  readonly points: readonly Point[]
  /** Number of alerts of the object in the lake. */
  readonly alerts: number
  /** Number of alerts from which the points were read. */
  readonly shownAlerts: number
  /** Dates of the first and last night with these alerts, `YYYYMMDD`. */
  readonly nights: readonly [first: string, last: string]
  /** The value of NIGHTS; empty for all nights. */
  readonly selected: string
}

/**
 * Reads all alerts of an object in the selected nights, but only the stamps of the first, brightest and newest one.
 * @param selected the selection as text
 */
export async function findObject(
  paths: Paths,
  index: LakeIndex,
  objectId: string,
  selection: Selection,
  selected = '',
): Promise<ObjectData> {
  const all = await index.findAlerts([objectId], () => true)
  const places = all.filter(({ night }) => selection(night.date))
  if (places.length === 0) throw await missingError(paths, index, [objectId], selection)
  return collect(places, countAlerts(all), selected)
}

/** Reads one alert. Its candid determines the nights to search. */
export async function findAlert(paths: Paths, index: LakeIndex, candid: bigint): Promise<ObjectData> {
  const place = await index.findAlert(candid)
  if (place) return collect([place], countAlerts(await index.findAlerts([place.objectId], () => true)))
  throw new Error(
    `candid ${candid} is not in ${paths.lake}: searched the nights ${candidDates(candid).join(', ')}, which its first digits give`,
  )
}

/** Number of alerts at these places. An alert may be in two tarballs. */
function countAlerts(places: readonly AlertPlace[]): number {
  return new Set(places.map(({ candid }) => candid)).size
}

async function collect(places: readonly AlertPlace[], alerts: number, selected = ''): Promise<ObjectData> {
  const read = await readPlaces(places, LEAVES)
  const rows = mergeAlerts(read)
  const points = pointsOf(rows)
  const dated = places.map((place, i) => ({ place, jd: read[i]?.get('candidate.jd') as number }))
  const shown = await readShownAlerts(dated, points)
  const { candid, candidate } = shown[0] as ShownAlert
  const dates = places.map(({ night }) => night.date).sort()
  return {
    ...{ objectId: (places[0] as AlertPlace).objectId, candid, candidate, shown, rows, points, alerts, selected },
    shownAlerts: countAlerts(places),
    nights: [dates[0] as string, dates.at(-1) as string],
  }
}
