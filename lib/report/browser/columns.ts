import { showBytes, showCount, showSeconds } from '../../core/units.ts'
import type { OverviewNight } from '../overview.ts'
import { isoOf } from './dates.ts'
import { LOOKS, type Shown } from './states.ts'

/** A line of the table: a night, or a date of which the archive has no file. */
export type Line = Omit<OverviewNight, 'state'> & { readonly state: Shown }

/** A column of the table: what it is sorted by, and how that is written. */
export interface Column {
  readonly label: string
  /** Undefined where a line has none, which is then sorted to the end. */
  readonly value: (line: Line) => string | number | undefined
  /** How a number is written. */
  readonly show?: (value: number) => string
  /** Of a text that comes from tarballs and servers. */
  readonly kind?: 'foreign' | 'foreign notes'
}

export const COLUMNS: readonly Column[] = [
  { label: 'Night', value: ({ date, stem }) => isoOf(date) + (stem.endsWith('_programid3') ? ' programid3' : '') },
  { label: 'State', value: ({ state }) => LOOKS[state].label },
  { label: 'Alerts', value: ({ lake }) => lake?.alerts, show: showCount },
  { label: 'tar.gz', value: ({ bytes }) => bytes, show: showBytes },
  { label: 'Parquet', value: ({ lake }) => lake?.bytes, show: showBytes },
  {
    label: 'Tar/Parquet',
    value: ({ lake }) => lake && ratioOf(lake.tarBytes, lake.bytes),
    show: ratio => ratio.toFixed(2),
  },
  { label: 'Time', value: ({ lake }) => lake?.seconds, show: showSeconds },
  { label: 'Alerts/s', value: ({ lake }) => lake && ratioOf(lake.alerts, lake.seconds), show: showCount },
  { label: 'Damaged', value: ({ lake }) => lake?.damaged, show: showCount },
  { label: 'Schema', value: ({ lake }) => lake && Object.keys(lake.versions).join(', '), kind: 'foreign' },
  {
    label: 'Notes',
    value: ({ notes, lake }) => [...notes, ...(lake?.packets ?? [])].join('; ') || undefined,
    kind: 'foreign notes',
  },
]

/** What a line says in a column. */
export function textOf({ value, show }: Column, line: Line): string {
  const found = value(line)
  if (found === undefined) return ''
  return typeof found === 'number' ? (show?.(found) ?? String(found)) : found
}

/** Orders two values of a column; what has none comes last either way. */
export function compare(a: string | number | undefined, b: string | number | undefined, rising: boolean): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  return a < b === rising ? -1 : 1
}

/** Undefined where there is nothing to divide. */
function ratioOf(above: number, below: number): number | undefined {
  return above > 0 && below > 0 ? above / below : undefined
}
