import { mapLimit } from '../core/files.ts'
import type { AlertPlace } from '../index/lookup.ts'
import { type AlertValues, readAlerts } from '../lake/alert-reader.ts'

/** Number of files that are read at a time. More would only take memory, because Node reads with four threads. */
const MAX_FILES = 4

/**
 * Reads columns of alerts, in the order of the places. The columns must include `objectId` and `candid`.
 *
 * @throws Error if another alert lies at one of the places
 */
export async function readPlaces(places: readonly AlertPlace[], columns: readonly string[]): Promise<AlertValues[]> {
  const files = groupBy(places, ({ path }) => path)
  const read = async ([path, inFile]: [string, AlertPlace[]]): Promise<[AlertPlace, AlertValues][]> => {
    const rows = inFile.map(({ row }) => row)
    const alerts = await readAlerts(path, rows, columns)
    return inFile.map((place, i) => [place, checked(place, alerts[i] as AlertValues)])
  }
  const found = new Map((await mapLimit([...files], read, MAX_FILES)).flat())
  return places.map(place => found.get(place) as AlertValues)
}

/** Groups items, in the order of the first one in each group. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? []
    group.push(item)
    groups.set(keyOf(item), group)
  }
  return groups
}

function checked({ path, row, objectId, candid }: AlertPlace, alert: AlertValues): AlertValues {
  const found = `${alert.get('candid')} of ${alert.get('objectId')}`
  if (found === `${candid} of ${objectId}`) return alert
  throw new Error(`row ${row} of ${path} is alert ${found}, expected ${candid} of ${objectId}: run make index`)
}
