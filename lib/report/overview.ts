import { missingDates } from '../archive/estimates.ts'
import { plural } from '../core/units.ts'
import type { NightSummary } from '../lake/summaries.ts'
import type { NightState, NightStatus } from '../nights/status.ts'
import type { Selection } from '../selection.ts'

/** Data for the report page, embedded in it as JSON. */
export interface Overview {
  /** Creation time of the page, in ms since 1970. */
  readonly made: number
  readonly nights: readonly OverviewNight[]
  /** Dates without a file in the archive, between the first and the last listed night. */
  readonly gaps: readonly string[]
  /** The latest conversion runs, oldest first. */
  readonly runs: readonly Run[]
}

export interface OverviewNight {
  /** `YYYYMMDD`. */
  readonly date: string
  readonly stem: string
  readonly state: NightState
  /** Size of the tar.gz. Before the download, this is the rounded size from the archive's listing. */
  readonly bytes?: number
  readonly notes: readonly string[]
  readonly lake?: LakeNight
}

export interface LakeNight
  extends Pick<NightSummary, 'alerts' | 'duplicates' | 'damaged' | 'tarBytes' | 'codec' | 'seconds'> {
  /** Total size of the Parquet files. */
  readonly bytes: number
  readonly files: number
  /** End of the conversion, in ms since 1970. */
  readonly converted: number
  /** Number of alerts per schema version. */
  readonly versions: NightSummary['schemaVersions']
  /** The first damaged packets, each as `member: reason`. */
  readonly packets: readonly string[]
}

/** A series of conversions without a long pause between them. Times are in ms since 1970. */
export interface Run {
  readonly start: number
  readonly end: number
  readonly nights: number
  readonly alerts: number
  readonly bytes: number
}

const MAX_RUNS = 8
/** Maximum pause between two conversions of a run, in ms. It is long because `make all` may wait for a tarball. */
const MAX_PAUSE = 10 * 60_000

export function overviewOf(states: readonly NightStatus[], selection: Selection, made: number): Overview {
  const nights = states.map(overviewNight)
  const known = new Set(nights.map(({ date }) => date))
  const listed = states.flatMap(({ night, row }) => (row ? night.date : []))
  const gaps = missingDates(listed).filter(date => selection(date) && !known.has(date))
  return { made, nights, gaps, runs: runsOf(nights).slice(-MAX_RUNS) }
}

function overviewNight(status: NightStatus): OverviewNight {
  const { night, state, manifest, row, size, converted = 0 } = status
  const bytes = manifest?.tarballBytes ?? size ?? row?.bytes
  return {
    date: night.date,
    stem: night.stem,
    state,
    notes: notesOf(status),
    ...(bytes !== undefined && { bytes }),
    ...(manifest && { lake: lakeNight(manifest, converted) }),
  }
}

function lakeNight(manifest: NightSummary, converted: number): LakeNight {
  const { alerts, duplicates, damaged, tarBytes, codec, seconds, schemaVersions, files, damagedPackets } = manifest
  return {
    alerts,
    duplicates,
    damaged,
    tarBytes,
    codec,
    seconds,
    converted,
    bytes: manifest.lakeBytes,
    files,
    versions: schemaVersions,
    packets: damagedPackets.map(({ member, reason }) => `${member}: ${reason}`),
  }
}

/** Remarks on a night, such as the reason for a failure. */
function notesOf({ failure, broken, manifest, republished }: NightStatus): string[] {
  const notes: string[] = []
  if (failure) notes.push(failure)
  if (broken) notes.push(broken)
  if (failure && manifest) notes.push(`the lake has ${plural(manifest.alerts, 'alert')} of it from an earlier try`)
  if (manifest?.salvage) notes.push(manifest.salvage)
  if (republished) notes.push('the archive has published it again: make download, then make lake')
  if (manifest?.movedTo) notes.push(`its files were moved to ${manifest.movedTo}`)
  if (manifest?.replaces) notes.push(`replaced an earlier tarball of ${plural(manifest.replaces.alerts, 'alert')}`)
  if (manifest?.newColumns.length) notes.push(`new columns: ${manifest.newColumns.join(', ')}`)
  return notes
}

/** Reconstructs the runs, oldest first, from the end and duration of each night's conversion. */
function runsOf(nights: readonly OverviewNight[]): Run[] {
  const conversions = nights.flatMap(({ bytes = 0, lake }): Run[] => {
    if (!lake) return []
    const { converted, seconds, alerts } = lake
    return [{ start: converted - seconds * 1000, end: converted, nights: 1, alerts, bytes }]
  })
  const runs: Run[] = []
  for (const next of conversions.sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last && next.start <= last.end + MAX_PAUSE) runs[runs.length - 1] = merge(last, next)
    else runs.push(next)
  }
  return runs
}

function merge(a: Run, b: Run): Run {
  return {
    start: a.start,
    end: Math.max(a.end, b.end),
    nights: a.nights + b.nights,
    alerts: a.alerts + b.alerts,
    bytes: a.bytes + b.bytes,
  }
}
