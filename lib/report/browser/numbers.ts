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

/** Formats a count for an axis: `250K`, `1.5M`. */
export function shortCount(count: number): string {
  return count.toLocaleString('en-US', { notation: 'compact' })
}
