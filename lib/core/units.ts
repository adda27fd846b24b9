/** In ms. */
export const DAY = 86_400_000

const UNITS = ['', 'K', 'M', 'G', 'T']

/**
 * Bytes of a size as Apache prints it and people write it: `44`, `1.0K`, `767M`, `10G`, base 1024.
 * Undefined where the text is no size.
 */
export function parseBytes(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? []
  return number === '' ? undefined : Math.round(Number(number) * 1024 ** UNITS.indexOf(unit.toUpperCase()))
}

/** Bytes for people: `9.1 MiB`, `19.05 TiB`. */
export function showBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** power
  return power === 0 ? `${bytes} B` : `${value.toFixed(power === 4 ? 2 : 1)} ${UNITS[power]}iB`
}

/** A count for people: `447,123`. */
export function showCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A time for people: `8.2 s`, `3:05`, `1:02:09`. */
export function showSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const [hours, minutes, rest] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor) as [
    number,
    number,
    number,
  ]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** `1 night`, `2 nights`. */
export function plural(count: number, noun: string): string {
  return `${showCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
