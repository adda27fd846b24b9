import { parseBytes, showBytes } from '../../core/units.ts'

/** Sum of a value over items; missing values count as 0. */
export function sum<T>(items: readonly T[], value: (item: T) => number | undefined): number {
  return items.reduce((total, item) => total + (value(item) ?? 0), 0)
}

/** The unit that `showBytes` uses for a size, and the number of bytes in that unit. */
export function unitOf(bytes: number): { name: string; size: number } {
  const [, name = ''] = showBytes(bytes).split(' ')
  return { name, size: parseBytes(`1${name}`) ?? 1 }
}

/** How many times smaller the Parquet files of nights are than the uncompressed tars. */
export function compressionOf(nights: readonly { readonly tarBytes: number; readonly bytes: number }[]): number {
  return sum(nights, ({ tarBytes }) => tarBytes) / sum(nights, ({ bytes }) => bytes)
}

/** Orders schema versions, e.g. 3.3 before 4.01. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** Schema versions of a night, in order. */
export function showVersions(versions: Readonly<Record<string, number>>): string {
  return Object.keys(versions).sort(compareVersions).join(', ')
}

/** Formats a count for an axis: `250K`, `1.5M`. */
export function shortCount(count: number): string {
  return count.toLocaleString('en-US', { notation: 'compact' })
}
