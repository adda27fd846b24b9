import { plural, showBytes, showCount } from '../core/units.ts'

/** Progress of one stage of a run: downloading, converting, checking, indexing or publishing. */
export interface StageProgress {
  readonly verb: 'fetching' | 'converting' | 'checking' | 'indexing' | 'publishing'
  readonly nights: number
  readonly done: number
  readonly failed: number
  /** Number of bytes processed so far. These are bytes of Parquet when checking and publishing, otherwise of tar.gz. */
  readonly bytes: number
  /** Total number of bytes to process. */
  readonly of: number
  /** Bytes per second; undefined until known. */
  readonly rate?: number | undefined
  readonly running: readonly RunningNight[]
}

export interface RunningNight extends Pick<StageProgress, 'bytes' | 'of' | 'rate'> {
  readonly stem: string
  /** Number of alerts read so far; absent for a download. */
  readonly alerts?: number
  /** True for a download that has not received any bytes yet. */
  readonly waits?: boolean
}

/** Maximum number of running nights listed in a progress line. */
const MAX_NAMED = 3
const BAR_WIDTH = 8
/** Columns of the lines. */
const [BAR, AMOUNT, TIME_LEFT] = [1, 2, 3]

/**
 * Lines for the live view and `make status`: one per stage, each followed by one per running night. If the time left would
 * not fit into `maxColumns` characters, the bars are left out, and if necessary the sizes too.
 */
export function progressLines(stages: readonly StageProgress[], maxLines = Infinity, maxColumns = Infinity): string[] {
  const rows = stages.filter(({ nights }) => nights > 0).flatMap(rowsOf)
  const without = (columns: readonly number[], end?: number) =>
    aligned(rows.map(row => row.slice(0, end).filter((_, i) => !columns.includes(i))))
  const isFitting = (columns: readonly number[]) =>
    without(columns, TIME_LEFT + 1).every(({ length }) => length <= maxColumns)
  const lines = without([[], [BAR], [BAR, AMOUNT]].find(isFitting) ?? [BAR, AMOUNT])
  const excess = lines.length - maxLines
  return excess > 0 ? [...lines.slice(0, maxLines - 1), `  and ${plural(excess + 1, 'line')} more`] : lines
}

/** Progress of a stage as a single line, for output that is not a terminal. */
export function progressLine({ running, rate, bytes, of, ...stage }: StageProgress): string {
  const named = running
    .slice(0, MAX_NAMED)
    .map(({ stem, ...night }) => [`${stem} ${amount(night)}`, ...remarks(night)].join(', '))
  const more = running.length > MAX_NAMED ? [`${running.length - MAX_NAMED} more`] : []
  const speed = [...shownRate(rate), ...eta(of - bytes, rate)].join(', ')
  return `at work   ${[`${heading(stage)} done`, ...named, ...more, ...(speed ? [speed] : [])].join('; ')}`
}

/** Time needed for the given bytes, e.g. `5 min left`; empty if the rate is unknown or 0. */
export function eta(bytes: number, rate = 0): string[] {
  const seconds = Math.max(0, bytes) / rate
  if (!Number.isFinite(seconds)) return []
  if (seconds < 60) return [`${Math.ceil(seconds)} s left`]
  if (seconds < 90 * 60) return [`${Math.ceil(seconds / 60)} min left`]
  if (seconds < 48 * 3600) return [`${Math.ceil(seconds / 3600)} h left`]
  return [`${showCount(Math.ceil(seconds / 86_400))} days left`]
}

function rowsOf({ running, ...stage }: StageProgress): string[][] {
  const nights = running.map(({ stem, ...night }) => rowOf(`  ${stem}`, night, remarks(night)))
  return [rowOf(heading(stage), stage), ...nights]
}

function rowOf(
  name: string,
  { bytes, of, rate }: Pick<StageProgress, 'bytes' | 'of' | 'rate'>,
  more: string[] = [],
): string[] {
  const [[left = ''], [speed = '']] = [eta(of - bytes, rate), shownRate(rate)]
  return [name, bar(bytes / of), amount({ bytes, of }), left, speed, ...more]
}

function heading({ verb, done, nights, failed }: Pick<StageProgress, 'verb' | 'done' | 'nights' | 'failed'>): string {
  return `${verb} ${showCount(done)} of ${plural(nights, 'night')}${failed > 0 ? `, ${showCount(failed)} failed` : ''}`
}

function bar(fraction: number): string {
  const full = Math.floor(BAR_WIDTH * Math.min(1, fraction || 0))
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`
}

/** Processed and total bytes, e.g. `1.2 of 8.8 GiB` or `100.0 KiB of 8.8 GiB`. */
function amount({ bytes, of }: Pick<StageProgress, 'bytes' | 'of'>): string {
  const [number, unit] = showBytes(bytes).split(' ')
  const total = showBytes(of)
  return `${total.endsWith(` ${unit}`) || bytes === 0 ? number : `${number} ${unit}`} of ${total}`
}

function remarks({ alerts, waits }: Pick<RunningNight, 'alerts' | 'waits'>): string[] {
  return [...(waits ? ['waiting'] : []), ...(alerts === undefined ? [] : [plural(alerts, 'alert')])]
}

function shownRate(rate?: number): string[] {
  return rate ? [`${showBytes(Math.round(rate))}/s`] : []
}

/** Aligns the first column to the left and the others to the right. Bars are equally long. */
function aligned(rows: readonly string[][]): string[] {
  const widths = [0, 1, 2, 3, 4, 5].map(i => Math.max(0, ...rows.map(row => row[i]?.length ?? 0)))
  const pad = (cell: string, i: number) => (i < 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
  return rows.map(row => row.map(pad).join('  ').trimEnd())
}
