import { filterLimit, sha256OfBytes, statOptional } from '../core/files.ts'
import { isMoved } from '../lake/moved.ts'
import type { NightSummary } from '../lake/summaries.ts'
import type { Night } from '../night.ts'
import { readLake, type SummarizedNight } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import { type IndexRecord, ORDERS, readRecord } from './record.ts'

export interface NightInLake {
  readonly night: Night
  readonly summary: NightSummary
}

/** A month of the candidates table. */
export interface Month {
  /** `YYYYMM`. */
  readonly name: string
  /** Its nights with alerts, in date order. */
  readonly nights: readonly NightInLake[]
  /** Hash of the candidates files. */
  readonly inputs: string
}

/** What `make index` has to do. */
export interface IndexPlan {
  readonly nights: readonly NightInLake[]
  /** The nights in the lists of files: those whose files were not moved away. */
  readonly listed: readonly NightInLake[]
  readonly months: readonly Month[]
  readonly record: IndexRecord
  /** Nights with alerts but without a candidates file, which an earlier version converted. */
  readonly withoutCandidates: readonly NightInLake[]
  /** Months whose index is missing, or was made from other candidates files. */
  readonly stale: readonly Month[]
  /** Months in the index of which no night is in the lake any more. */
  readonly gone: readonly string[]
  /** Hash of the records of the lake's files. */
  readonly listInputs: string
  /** Whether the lists of the lake's files are missing, or were made from other records. */
  readonly listsAreStale: boolean
}

/** @param lake all nights of the lake, if they have been read already */
export async function planIndex(paths: Paths, lake?: readonly SummarizedNight[]): Promise<IndexPlan> {
  const nights = lake ? readable(lake) : await nightsInLake(paths)
  const record = await readRecord(paths)
  const months = monthsOf(nights)
  const names = new Set(months.map(({ name }) => name))
  const listed = nights.filter(night => !isMoved(night))
  const listInputs = listInputsOf(listed)
  return {
    nights,
    listed,
    months,
    record,
    withoutCandidates: nights.filter(lacksCandidates),
    stale: await filterLimit(months, month => isStale(paths, month, record)),
    gone: Object.keys(record.months).filter(name => !names.has(name)),
    listInputs,
    listsAreStale:
      nights.length > 0 && (record.lists?.inputs !== listInputs || !(await exist([paths.files, paths.checksums]))),
  }
}

/** Whether `updateIndex` has nothing to do. Nights without candidates files do not count, which only `make index` adds. */
export function isCurrent({ stale, gone, listsAreStale }: IndexPlan): boolean {
  return stale.length + gone.length === 0 && !listsAreStale
}

export function lacksCandidates({ summary }: NightInLake): boolean {
  return summary.alerts > 0 && !summary.candidates
}

/**
 * Returns the nights of the lake, without those whose manifests are broken.
 * @param onBroken called with the error of each broken manifest
 */
export async function nightsInLake(
  paths: Paths,
  selection = (_: string) => true,
  onBroken?: (error: Error) => void,
): Promise<NightInLake[]> {
  return readable(await readLake(paths, selection), onBroken)
}

function readable(lake: readonly SummarizedNight[], onBroken: (error: Error) => void = () => {}): NightInLake[] {
  return lake.flatMap(({ night, summary }) => {
    if (!(summary instanceof Error)) return { night, summary }
    onBroken(summary)
    return []
  })
}

/** Hash of the records of all files of these nights. */
export function listInputsOf(nights: readonly NightInLake[]): string {
  return sha256OfBytes(nights.map(({ night, summary }) => `${night.stem} ${summary.filesSha256}\n`).join(''))
}

/** Groups the nights that have candidates files by month. */
export function monthsOf(nights: readonly NightInLake[]): Month[] {
  const months = new Map<string, NightInLake[]>()
  for (const night of nights.filter(({ summary }) => summary.candidates)) {
    const name = night.night.date.slice(0, 6)
    months.set(name, [...(months.get(name) ?? []), night])
  }
  return [...months].map(([name, nights]) => ({ name, nights, inputs: inputsOf(nights) }))
}

function inputsOf(nights: readonly NightInLake[]): string {
  const lines = nights.map(({ night, summary }) => `${night.stem} ${summary.candidates?.sha256}\n`)
  return sha256OfBytes(lines.join(''))
}

async function isStale(paths: Paths, { name, inputs }: Month, record: IndexRecord): Promise<boolean> {
  if (record.months[name]?.inputs !== inputs) return true
  return !(await exist(ORDERS.map(order => paths.indexFile(order, name))))
}

async function exist(files: readonly string[]): Promise<boolean> {
  return (await Promise.all(files.map(statOptional))).every(stat => stat !== undefined)
}

/** `2020-01` for `202001`. */
export function showMonth(name: string): string {
  return `${name.slice(0, 4)}-${name.slice(4)}`
}
