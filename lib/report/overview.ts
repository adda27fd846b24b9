import { missingDates } from '../archive/estimates.ts'
import { plural } from '../core/units.ts'
import type { NightSummary } from '../lake/summaries.ts'
import type { Run } from '../nights/runs.ts'
import type { NightState, NightStatus } from '../nights/status.ts'
import type { Selection } from '../selection.ts'

/** Data for the report page, embedded in it as JSON. */
export interface Overview {
  /** Creation time of the page, in ms since 1970. */
  readonly made: number
  readonly nights: readonly OverviewNight[]
  /** Dates without a file in the archive, between the first and the last listed night. */
  readonly gaps: readonly string[]
  /** The latest finished runs, oldest first. */
  readonly runs: readonly Run[]
  /** Data folder of the lake, as the user gave it. */
  readonly data: string
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

const MAX_RUNS = 8

/** The parts of the overview that are not about single nights. */
type Context = Pick<Overview, 'made' | 'runs' | 'data'>

export function overviewOf(states: readonly NightStatus[], selection: Selection, context: Context): Overview {
  const nights = states.map(overviewNight)
  const known = new Set(nights.map(({ date }) => date))
  const listed = states.flatMap(({ night, row }) => (row ? night.date : []))
  const gaps = missingDates(listed).filter(date => selection(date) && !known.has(date))
  return { ...context, nights, gaps, runs: context.runs.slice(-MAX_RUNS) }
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
