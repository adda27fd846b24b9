import { MJD_EPOCH } from '../core/units.ts'
import type { AlertValues } from '../lake/alert-reader.ts'
import { apparentOf } from './apparent.ts'
import { bandOf } from './bands.ts'
import { COLUMNS, KINDS, type Kind, type Source } from './columns.ts'

export type Value = string | number | bigint | null

/** A detection, limit or forced measurement, by column. A missing value is null. */
export type CurveRow = Readonly<Record<string, Value>> & { readonly kind: Kind }

/** How each source encodes a missing number, besides null. */
const MISSING: Readonly<Record<Source, number>> = { candidate: -999, prv_candidates: -999, fp_hists: -99_999 }

/**
 * Merges the alerts of an object into its light curve, ordered by time. An exposure is in many alerts, because each
 * lists those of the 30 days before it. ZTF has one camera, so `jd` and `fid` identify an exposure. The light curve has
 *
 * - each detection once: an exposure may have two of the same object, with different candids. The detection's own alert
 *   has more digits than later ones; if it is not in the lake, the newest alert has the final values.
 * - an exposure as a limit if no alert has a detection in it.
 * - the forced photometry of each image (`pid`) as in the newest alert, whose position is the most accurate.
 *
 * @param alerts alerts with the columns of `LEAVES`, in any order; of repeated alerts the last is used
 */
export function mergeAlerts(alerts: readonly AlertValues[]): CurveRow[] {
  const [detections, limits, forced] = [new Map<Value, Entry>(), new Map<Value, Entry>(), new Map<Value, Entry>()]
  const ordered = alerts.toSorted((a, b) => compare(timeOf(a), timeOf(b)) || compare(candidOf(a), candidOf(b)))
  for (const alert of ordered) {
    for (const entry of entriesOf(alert, 'prv_candidates')) {
      if (entry.candid === null) limits.set(entry.exposure, entry)
      else detections.set(entry.candid, entry)
    }
    for (const entry of entriesOf(alert, 'fp_hists')) forced.set(`${entry.exposure} ${entry.pid}`, entry)
  }
  for (const alert of ordered) for (const entry of entriesOf(alert, 'candidate')) detections.set(entry.candid, entry)
  for (const { exposure } of detections.values()) limits.delete(exposure)
  return [...detections.values(), ...limits.values(), ...forced.values()].map(rowOf).sort(byTime)
}

function timeOf(alert: AlertValues): Value {
  return alert.get('candidate.jd') as Value
}

function candidOf(alert: AlertValues): Value {
  return alert.get('candid') as Value
}

/** An exposure in an alert. Its row is made at the end, because most exposures are in several alerts. */
interface Entry {
  readonly source: Source
  readonly objectId: Value
  /** For each column, the values of all exposures in the source; undefined if the source lacks it. */
  readonly values: readonly (readonly Value[] | undefined)[]
  readonly index: number
  readonly exposure: string
  readonly candid: Value
  readonly pid: Value
}

function entriesOf(alert: AlertValues, source: Source): Entry[] {
  const read = (field: string) => {
    if (source === 'candidate') return [alert.get(field === 'candid' ? field : `candidate.${field}`) ?? null] as Value[]
    return (alert.get(`${source}.${field}`) ?? []) as Value[]
  }
  const [jds, fids, candids, pids] = ['jd', 'fid', 'candid', 'pid'].map(read) as [Value[], Value[], Value[], Value[]]
  const values = COLUMNS.map(({ fields: { [source]: field } }) => (field === undefined ? undefined : read(field)))
  const shared = { source, objectId: alert.get('objectId') as Value, values }
  return jds.map((jd, index) => ({
    ...shared,
    ...{ index, exposure: `${jd} ${fids[index]}`, candid: candids[index] ?? null, pid: pids[index] ?? null },
  }))
}

function rowOf({ source, objectId, values, index, candid }: Entry): CurveRow {
  const kind = source === 'fp_hists' ? 'forced' : candid === null ? 'limit' : 'detection'
  const row: Record<string, Value> = {}
  for (const [i, { name }] of COLUMNS.entries()) row[name] = present(values[i]?.[index], MISSING[source])
  const mjd = typeof row.jd === 'number' ? row.jd - MJD_EPOCH : null
  return { ...row, ...apparentOf(row), objectId, kind, mjd, band: bandOf(row.fid) ?? null }
}

/** The value, or null if it is missing or not finite. */
function present(value: Value | undefined, missing: number): Value {
  if (value === undefined || value === missing) return null
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function byTime(a: CurveRow, b: CurveRow): number {
  const byKey = (name: string) => compare(a[name] ?? null, b[name] ?? null)
  const byKind = KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)
  return byKey('jd') || byKey('fid') || byKind || byKey('candid') || byKey('pid')
}

/** Compares values of the same type. Null comes first. */
function compare(a: Value, b: Value): number {
  if (a === b) return 0
  if (a === null || b === null) return a === null ? -1 : 1
  return a < b ? -1 : 1
}
