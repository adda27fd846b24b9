/** Length of a day in ms. */
export const DAY = 86_400_000

/** Modified Julian date 0 as a Julian date. */
export const MJD_EPOCH = 2_400_000.5

const PREFIXES = ['', 'K', 'M', 'G', 'T']

/**
 * Parses a size as written by Apache or a user, e.g. `44`, `1.0K`, `767M`, `10GiB`. Prefixes are powers of 1024.
 * @returns bytes, or undefined if the text is not a size
 */
export function parseBytes(text: string): number | undefined {
  const [, number = '', prefix = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? []
  return number === '' ? undefined : Math.round(Number(number) * 1024 ** PREFIXES.indexOf(prefix.toUpperCase()))
}

/** Formats a size, e.g. `9.1 MiB`, `19.05 TiB`. */
export function showBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** power
  return power === 0 ? `${Math.round(bytes)} B` : `${value.toFixed(power === 4 ? 2 : 1)} ${PREFIXES[power]}iB`
}

/** Formats a count, e.g. `447,123`. */
export function showCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** Formats a duration, e.g. `8.2 s`, `3 min 5 s`, `19 h 24 min`. */
export function showSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const minutes = Math.round(seconds / 60)
  const units = seconds < 3599.5 ? ([Math.round(seconds), 'min', 's'] as const) : ([minutes, 'h', 'min'] as const)
  const [smaller, larger, unit] = units
  const rest = smaller % 60
  return `${Math.floor(smaller / 60)} ${larger}${rest > 0 ? ` ${rest} ${unit}` : ''}`
}

/** Formats a count with its noun, e.g. `1 night`, `2 nights`. */
export function plural(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Formats a list of names: the first three, and the number of the others. */
export function someOf(names: readonly string[]): string {
  const rest = names.length - 3
  return `${names.slice(0, 3).join(', ')}${rest > 0 ? ` and ${showCount(rest)} more` : ''}`
}

/**
 * Shortest decimal with at least six significant digits that rounds to the same 32-bit float. `String` would print the
 * digits of the double.
 */
export function shortestFloat(value: number): string {
  for (const digits of [6, 7, 8]) {
    const decimal = Number(value.toPrecision(digits))
    if (Math.fround(decimal) === value) return String(decimal)
  }
  return String(Number(value.toPrecision(9)))
}
