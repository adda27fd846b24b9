import { showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { OverviewNight } from '../overview.ts'
import { isoOf } from './dates.ts'
import { showVersions } from './numbers.ts'
import { type DateState, STATE_STYLES, TABLE_ORDER } from './states.ts'

/** A row of the table: a night, or a date without a file in the archive. */
export type TableRow = Omit<OverviewNight, 'state'> & { readonly state: DateState }

export interface Column {
  readonly label: string
  /** Value for display and sorting. Rows without a value come last. */
  readonly value: (row: TableRow) => string | number | undefined
  /** Value for sorting, if it is not the one for display. */
  readonly order?: (row: TableRow) => number
  /** Formats the value of a numeric column. */
  readonly show?: (value: number) => string
  /** CSS classes for text that comes from tarballs or servers. */
  readonly kind?: 'untrusted' | 'untrusted notes'
}

export const COLUMNS: readonly Column[] = [
  { label: 'Night', value: ({ date, stem }) => isoOf(date) + (stem.endsWith('_programid3') ? ' programid3' : '') },
  {
    label: 'State',
    value: ({ state }) => STATE_STYLES[state].label,
    order: ({ state }) => TABLE_ORDER.indexOf(state),
  },
  { label: 'Alerts', value: ({ lake }) => lake?.alerts, show: showCount },
  { label: 'tar.gz', value: ({ bytes }) => bytes, show: showBytes },
  { label: 'Parquet', value: ({ lake }) => lake?.bytes, show: showBytes },
  {
    label: 'Compression',
    value: ({ lake }) => lake && ratioOf(lake.tarBytes, lake.bytes),
    show: ratio => ratio.toFixed(2),
  },
  { label: 'Time', value: ({ lake }) => lake?.seconds, show: showSeconds },
  { label: 'Alerts/s', value: ({ lake }) => lake && ratioOf(lake.alerts, lake.seconds), show: showCount },
  { label: 'Damaged', value: ({ lake }) => lake?.damaged, show: showCount },
  { label: 'Schema', value: ({ lake }) => lake && showVersions(lake.versions), kind: 'untrusted' },
  {
    label: 'Notes',
    value: ({ notes, lake }) => [...notes, ...(lake?.packets ?? [])].join('; ') || undefined,
    kind: 'untrusted notes',
  },
]

export function textOf({ value, show }: Column, row: TableRow): string {
  const found = value(row)
  if (found === undefined) return ''
  return typeof found === 'number' ? (show?.(found) ?? String(found)) : found
}

/** Compares two values of a column for sorting. Missing values come last in either order. */
export function compare(a: string | number | undefined, b: string | number | undefined, ascending: boolean): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  return a < b === ascending ? -1 : 1
}

/** Ratio of two numbers; undefined unless both are positive. */
function ratioOf(numerator: number, denominator: number): number | undefined {
  return numerator > 0 && denominator > 0 ? numerator / denominator : undefined
}
