import { plural, showBytes, showCount } from '../core/units.ts'

/** How far a run is with fetching, converting or checking. */
export interface StageProgress {
  readonly verb: 'fetching' | 'converting' | 'checking'
  /** All nights of the run, those that are done, and those that failed. */
  readonly nights: number
  readonly done: number
  readonly failed: number
  /** Bytes that are done, and of how many: of tar.gz, in a check those of the lake. */
  readonly bytes: number
  readonly of: number
  /** Bytes a second; absent until that is known. */
  readonly rate?: number | undefined
  readonly running: readonly RunningNight[]
}

/** A night that is being worked on. */
export interface RunningNight extends Pick<StageProgress, 'bytes' | 'of' | 'rate'> {
  readonly stem: string
  /** Those read so far; absent where it is fetched. */
  readonly alerts?: number
  /** Whether nothing of it has come yet. */
  readonly waits?: boolean
}

/** Running nights that a heartbeat names. */
const NAMED = 3
const BAR = 8

/** The live view, and what `make status` tells of a run: a line a side, with a line for each of its nights below. */
export function progressLines(sides: readonly StageProgress[], most = Infinity): string[] {
  const lines = aligned(sides.filter(({ nights }) => nights > 0).flatMap(rowsOf))
  const over = lines.length - most
  return over > 0 ? [...lines.slice(0, most - 1), `  and ${plural(over + 1, 'line')} more`] : lines
}

/** What is said now and then where there is no terminal: one line for a side. */
export function progressLine({ running, rate, bytes, of, ...side }: StageProgress): string {
  const named = running
    .slice(0, NAMED)
    .map(({ stem, ...night }) => [`${stem} ${amount(night)}`, ...remarks(night)].join(', '))
  const more = running.length > NAMED ? [`${running.length - NAMED} more`] : []
  const speed = [...shownRate(rate), ...eta(of - bytes, rate)].join(', ')
  return `at work   ${[`${headOf(side)} done`, ...named, ...more, ...(speed ? [speed] : [])].join('; ')}`
}

/** The time that so many bytes take, in words: none where it cannot be told. */
export function eta(bytes: number, rate = 0): string[] {
  const seconds = Math.max(0, bytes) / rate
  if (!Number.isFinite(seconds)) return []
  if (seconds < 60) return [`${Math.ceil(seconds)} s left`]
  if (seconds < 90 * 60) return [`${Math.ceil(seconds / 60)} min left`]
  if (seconds < 48 * 3600) return [`${Math.ceil(seconds / 3600)} h left`]
  return [`${showCount(Math.ceil(seconds / 86_400))} days left`]
}

function rowsOf({ running, ...side }: StageProgress): string[][] {
  return [rowOf(headOf(side), side), ...running.map(({ stem, ...night }) => rowOf(`  ${stem}`, night, remarks(night)))]
}

function rowOf(
  name: string,
  { bytes, of, rate }: Pick<StageProgress, 'bytes' | 'of' | 'rate'>,
  more: string[] = [],
): string[] {
  const [[left = ''], [speed = '']] = [eta(of - bytes, rate), shownRate(rate)]
  return [name, bar(bytes / of), amount({ bytes, of }), left, speed, ...more]
}

function headOf({ verb, done, nights, failed }: Pick<StageProgress, 'verb' | 'done' | 'nights' | 'failed'>): string {
  return `${verb} ${showCount(done)} of ${plural(nights, 'night')}${failed > 0 ? `, ${showCount(failed)} failed` : ''}`
}

function bar(part: number): string {
  const full = Math.floor(BAR * Math.min(1, part || 0))
  return `[${'#'.repeat(full)}${'-'.repeat(BAR - full)}]`
}

/** `1.2 of 8.8 GiB`, `100.0 KiB of 8.8 GiB`. */
function amount({ bytes, of }: Pick<StageProgress, 'bytes' | 'of'>): string {
  const [number, unit] = showBytes(bytes).split(' ')
  const all = showBytes(of)
  return `${all.endsWith(` ${unit}`) || bytes === 0 ? number : `${number} ${unit}`} of ${all}`
}

function remarks({ alerts, waits }: Pick<RunningNight, 'alerts' | 'waits'>): string[] {
  return [...(waits ? ['waiting'] : []), ...(alerts === undefined ? [] : [plural(alerts, 'alert')])]
}

function shownRate(rate?: number): string[] {
  return !rate ? [] : [`${showBytes(Math.round(rate))}/s`]
}

/** Rows of cells as lines: the first two to the left, the others to the right. */
function aligned(rows: readonly string[][]): string[] {
  const widths = [0, 1, 2, 3, 4, 5].map(i => Math.max(0, ...rows.map(row => row[i]?.length ?? 0)))
  const cells = (row: string[]) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
  return rows.map(row => cells(row).join('  ').trimEnd())
}
