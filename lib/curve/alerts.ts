import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { mapLimit } from '../core/files.ts'
import type { AlertPlace } from '../index/lake-index.ts'
import { type AlertValues, readAlerts } from '../lake/alert-reader.ts'
import { built } from '../paths.ts'

/** Number of files that are read at a time. More would only take memory, because Node reads with four threads. */
const MAX_FILES = 4

/** Number of files that justify another thread, since starting one takes as long as reading 20 files. */
const FILES_PER_THREAD = 50
const MAX_THREADS = 4

/**
 * Reads columns of alerts, in the order of the places, in several threads if they are in many files. The columns must
 * include `objectId` and `candid`.
 *
 * @throws Error if there is another alert at one of the places
 */
export async function readPlaces(places: readonly AlertPlace[], columns: readonly string[]): Promise<AlertValues[]> {
  const files = [...groupBy(places, ({ path }) => path).values()]
  const threads = Math.min(MAX_THREADS, availableParallelism(), Math.floor(files.length / FILES_PER_THREAD)) || 1
  const shares = Array.from({ length: threads }, (_, i) => files.filter((_, j) => j % threads === i).flat())
  const read = await Promise.all(
    shares.map((share, i) => (i === 0 ? readShare(share, columns) : readInThread(share, columns))),
  )
  const found = new Map(shares.flatMap((share, i) => share.map((place, j) => [place, read[i]?.[j]] as const)))
  return places.map(place => found.get(place) as AlertValues)
}

/** Reads the alerts in this thread, several files at a time. */
export async function readShare(places: readonly AlertPlace[], columns: readonly string[]): Promise<AlertValues[]> {
  const files = [...groupBy(places, ({ path }) => path)]
  const read = async ([path, inFile]: [string, AlertPlace[]]): Promise<[AlertPlace, AlertValues][]> => {
    const rows = inFile.map(({ row }) => row)
    const alerts = await readAlerts(path, rows, columns)
    return inFile.map((place, i) => [place, checked(place, alerts[i] as AlertValues)])
  }
  const found = new Map((await mapLimit(files, read, MAX_FILES)).flat())
  return places.map(place => found.get(place) as AlertValues)
}

function readInThread(places: readonly AlertPlace[], columns: readonly string[]): Promise<AlertValues[]> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(built('read-thread.js'), { workerData: { places, columns } })
    thread.once('message', resolve)
    thread.once('error', reject)
  })
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
