import { RECORDS } from '../alerts/fields.ts'
import { readPlaces } from '../curve/alerts.ts'
import type { AlertPlace } from '../index/lake-index.ts'
import type { AlertValues } from '../lake/alert-reader.ts'
import { isInReference } from './panels.ts'
import type { Point } from './points.ts'
import { readStamp, STAMPS, type Stamp } from './stamps.ts'

/** An alert whose stamps are shown. */
export interface ShownAlert {
  /** Why it is shown, for example `first and brightest alert`. */
  readonly title: string
  readonly candid: bigint
  readonly candidate: Readonly<Record<string, unknown>>
  readonly stamps: readonly Stamp[]
}

/** An alert's place, with its time. */
interface DatedPlace {
  readonly place: AlertPlace
  readonly jd: number
}

/** Reads the first, brightest and newest alert, newest first; an alert that is several of them only once. */
export async function readShownAlerts(alerts: readonly DatedPlace[], points: readonly Point[]): Promise<ShownAlert[]> {
  const ordered = alerts.toSorted((a, b) => a.jd - b.jd || compare(a.place.candid, b.place.candid))
  const brightest = brightestOf(ordered, points)
  const roles: [string, DatedPlace | undefined][] = [
    ['newest', ordered.at(-1)],
    ['brightest', brightest],
    ['first', ordered[0]],
  ]
  const chosen = new Map<bigint, { place: AlertPlace; roles: string[] }>()
  for (const [role, alert] of roles) {
    if (!alert) continue
    const { place } = alert
    chosen.set(place.candid, { place, roles: [...(chosen.get(place.candid)?.roles ?? []), role] })
  }
  const shown = [...chosen.values()]
  const title = (roles: readonly string[]) => (shown.length === 1 ? 'Alert' : `${capitalized(roles)} alert`)
  return await Promise.all(shown.map(({ place, roles }) => readAlert(place, title(roles))))
}

/** Reads what the page shows of a single alert. */
async function readAlert(place: AlertPlace, title: string): Promise<ShownAlert> {
  const fields = RECORDS.candidate.map(({ name }) => name)
  const leaves = [...fields.map(name => `candidate.${name}`), ...STAMPS.map(stampColumn)]
  const [alert] = (await readPlaces([place], ['objectId', 'candid', ...leaves])) as [AlertValues]
  return {
    title,
    candid: place.candid,
    candidate: Object.fromEntries(fields.map(name => [name, alert.get(`candidate.${name}`)])),
    stamps: STAMPS.map(name => readStamp(name, alert.get(stampColumn(name)) as Uint8Array | null)),
  }
}

function brightestOf(alerts: readonly DatedPlace[], points: readonly Point[]): DatedPlace | undefined {
  const isApparent = isInReference(points)
  const mags = new Map(
    points.flatMap(point => {
      const mag = isApparent ? point.reference?.apparent?.mag : point.isFainter ? undefined : point.mag
      return point.candid === undefined || mag === undefined ? [] : [[point.candid, mag]]
    }),
  )
  const magOf = ({ place }: DatedPlace) => mags.get(String(place.candid)) ?? Number.POSITIVE_INFINITY
  const candidates = alerts.filter(alert => Number.isFinite(magOf(alert)))
  return candidates.toSorted((a, b) => magOf(a) - magOf(b))[0]
}

function capitalized(roles: readonly string[]): string {
  const text = roles.length > 2 ? roles.join(', ') : roles.join(' and ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function stampColumn(name: Stamp['name']): string {
  return `cutout${name}.stampData`
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
