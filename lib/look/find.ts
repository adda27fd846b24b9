import { RECORDS } from '../alerts/fields.ts'
import { readPlaces } from '../curve/alerts.ts'
import { LEAVES } from '../curve/columns.ts'
import { mergeAlerts } from '../curve/merge.ts'
import { missingError } from '../curve/missing.ts'
import type { AlertPlace, LakeIndex } from '../index/lake-index.ts'
import type { AlertValues } from '../lake/alert-reader.ts'
import { candidDates } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'
import { countChannels, type Point, pointsOf } from './light-curve.ts'
import { readStamp, STAMPS, type Stamp } from './stamps.ts'

/** Data that `make look` shows for an object or a single alert. */
export interface ObjectData {
  readonly objectId: string
  /** Id of the requested alert or of the object's newest alert. `candidate` and `stamps` are from this alert. */
  readonly candid: bigint
  readonly candidate: Readonly<Record<string, unknown>>
  readonly stamps: readonly Stamp[]
  readonly points: readonly Point[]
  /** Number of combinations of field and readout channel with detections. Each has its own reference images. */
  readonly channels: number
  /** Number of alerts of the object in the lake. */
  readonly alerts: number
  /** Number of alerts from which the points were read. */
  readonly shownAlerts: number
  /** Dates of the first and last night with these alerts, `YYYYMMDD`. */
  readonly nights: readonly [first: string, last: string]
}

/** Reads all alerts of an object in the selected nights, but only the newest alert's stamps. */
export async function findObject(
  paths: Paths,
  index: LakeIndex,
  objectId: string,
  selection: Selection,
): Promise<ObjectData> {
  const all = await index.findAlerts([objectId], () => true)
  const selected = all.filter(({ night }) => selection(night.date))
  if (selected.length === 0) throw await missingError(paths, index, [objectId], selection)
  return collect(selected, countAlerts(all))
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

async function collect(places: readonly AlertPlace[], alerts: number): Promise<ObjectData> {
  const read = await readPlaces(places, LEAVES)
  const rows = mergeAlerts(read)
  const { place } = places.map((place, i) => ({ place, jd: read[i]?.get('candidate.jd') as number })).reduce(newer)
  const dates = places.map(({ night }) => night.date).sort()
  return {
    ...(await readShown(place)),
    objectId: place.objectId,
    candid: place.candid,
    points: pointsOf(rows),
    channels: countChannels(rows),
    alerts,
    shownAlerts: countAlerts(places),
    nights: [dates[0] as string, dates.at(-1) as string],
  }
}

interface DatedPlace {
  readonly place: AlertPlace
  readonly jd: number
}

function newer(a: DatedPlace, b: DatedPlace): DatedPlace {
  return a.jd > b.jd || (a.jd === b.jd && a.place.candid > b.place.candid) ? a : b
}

/** Reads what the page shows of a single alert. */
async function readShown(place: AlertPlace): Promise<Pick<ObjectData, 'candidate' | 'stamps'>> {
  const fields = RECORDS.candidate.map(({ name }) => name)
  const leaves = [...fields.map(name => `candidate.${name}`), ...STAMPS.map(stampColumn)]
  const [alert] = (await readPlaces([place], ['objectId', 'candid', ...leaves])) as [AlertValues]
  return {
    candidate: Object.fromEntries(fields.map(name => [name, alert.get(`candidate.${name}`)])),
    stamps: STAMPS.map(name => readStamp(name, alert.get(stampColumn(name)) as Uint8Array | null)),
  }
}

function stampColumn(name: Stamp['name']): string {
  return `cutout${name}.stampData`
}
