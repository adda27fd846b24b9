import { missingDates } from '../archive/estimates.ts'
import { plural } from '../core/units.ts'
import { lakeBytes, type Manifest } from '../lake/manifest.ts'
import type { NightState, NightStatus } from '../nights/status.ts'
import type { Selection } from '../selection.ts'

/** What the page of `make report` shows; it travels as JSON inside the page. */
export interface Overview {
  /** When it was made, in ms since 1970. */
  readonly made: number
  readonly nights: readonly OverviewNight[]
  /** Dates between the first and the last listed night for which the archive has no file. */
  readonly gaps: readonly string[]
  /** The last runs that converted nights, in the order of their time. */
  readonly runs: readonly Run[]
}

export interface OverviewNight {
  /** `YYYYMMDD`. */
  readonly date: string
  readonly stem: string
  readonly state: NightState
  /** Bytes of tar.gz: about, as the archive lists it, until the tarball is on disk. */
  readonly bytes?: number
  readonly notes: readonly string[]
  readonly lake?: LakeNight
}

/** What a night in the lake amounts to. */
export interface LakeNight
  extends Pick<Manifest, 'alerts' | 'duplicates' | 'damaged' | 'tarBytes' | 'codec' | 'seconds'> {
  /** Bytes of Parquet, and in how many files. */
  readonly bytes: number
  readonly files: number
  /** In ms since 1970. */
  readonly converted: number
  /** Alerts by schema version. */
  readonly versions: Manifest['schemaVersions']
  /** The first damaged packets, each with its reason. */
  readonly packets: readonly string[]
}

const RUNS = 12
const PACKETS = 3

/** Puts together what the page shows of the nights. */
export function overviewOf(states: readonly NightStatus[], selection: Selection, made: number): Overview {
  const nights = states.map(overviewNight)
  const converted = nights.flatMap(({ bytes = 0, lake }) => (lake ? { ...lake, bytes } : []))
  const known = new Set(nights.map(({ date }) => date))
  const listed = states.flatMap(({ night, row }) => (row ? night.date : []))
  const gaps = missingDates(listed).filter(date => selection(date) && !known.has(date))
  return { made, nights, gaps, runs: runsOf(converted).slice(-RUNS) }
}

function overviewNight(state: NightStatus): OverviewNight {
  const { night, manifest, row, size, converted = 0 } = state
  const bytes = manifest?.tarballBytes ?? size ?? row?.bytes
  return {
    date: night.date,
    stem: night.stem,
    state: state.state,
    notes: notesOf(state),
    ...(bytes !== undefined && { bytes }),
    ...(manifest && { lake: lakeNight(manifest, converted) }),
  }
}

function lakeNight(manifest: Manifest, converted: number): LakeNight {
  const { alerts, duplicates, damaged, tarBytes, codec, seconds, schemaVersions, files, damagedPackets } = manifest
  return {
    ...{ alerts, duplicates, damaged, tarBytes, codec, seconds, converted },
    bytes: lakeBytes(manifest),
    files: files.length,
    versions: schemaVersions,
    packets: damagedPackets.slice(0, PACKETS).map(({ member, reason }) => `${member}: ${reason}`),
  }
}

/** What is to be known of a night besides its numbers, in sentences. */
function notesOf({ failure, broken, manifest, again }: NightStatus): string[] {
  const notes: string[] = []
  if (failure) notes.push(failure)
  if (broken) notes.push(broken)
  if (failure && manifest) notes.push(`the lake has ${plural(manifest.alerts, 'alert')} of it from an earlier try`)
  if (manifest?.salvage) notes.push(manifest.salvage)
  if (again) notes.push('the archive has published it again: make download, then make lake')
  if (manifest?.replaces) notes.push(`replaced a former tarball of ${plural(manifest.replaces.alerts, 'alert')}`)
  if (manifest?.newColumns.length) notes.push(`new columns: ${manifest.newColumns.join(', ')}`)
  return notes
}

/** A night's conversion, as its manifest and that file's time of change tell. */
export interface Converted {
  /** When it ended, in ms since 1970. */
  readonly converted: number
  readonly seconds: number
  readonly alerts: number
  /** Bytes of tar.gz. */
  readonly bytes: number
}

/** Conversions that went on with no long pause between them. */
export interface Run {
  /** In ms since 1970. */
  readonly start: number
  readonly end: number
  readonly nights: number
  readonly alerts: number
  readonly bytes: number
}

/** Longer than a run of `make all` waits for its next tarball, in ms. */
const PAUSE = 10 * 60_000

/** The runs that converted the nights, in the order of their time: no log is kept, manifests know enough. */
export function runsOf(nights: readonly Converted[]): Run[] {
  const alone = nights.map(({ converted, seconds, alerts, bytes }): Run => {
    return { start: converted - seconds * 1000, end: converted, nights: 1, alerts, bytes }
  })
  const runs: Run[] = []
  for (const next of alone.sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last && next.start <= last.end + PAUSE) runs[runs.length - 1] = together(last, next)
    else runs.push(next)
  }
  return runs
}

function together(a: Run, b: Run): Run {
  return {
    start: a.start,
    end: Math.max(a.end, b.end),
    nights: a.nights + b.nights,
    alerts: a.alerts + b.alerts,
    bytes: a.bytes + b.bytes,
  }
}
