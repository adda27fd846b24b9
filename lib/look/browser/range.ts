import type { Range } from '../time-axis.ts'

/** Shortest time axis, in days. */
const MIN_DAYS = 0.02

/** Zooms by a factor, below 1 to see less, around a date. The result stays within `all`. */
export function zoomed([first, last]: Range, factor: number, at: number, all: Range): Range {
  const days = last - first
  const scaled = Math.min(Math.max(days * factor, MIN_DAYS), all[1] - all[0])
  return within([at - ((at - first) / days) * scaled, at + ((last - at) / days) * scaled], all)
}

/** Moves by days, positive to later dates. The result stays within `all`. */
export function moved([first, last]: Range, days: number, all: Range): Range {
  return within([first + days, last + days], all)
}

function within([first, last]: Range, [start, end]: Range): Range {
  if (last - first >= end - start) return [start, end]
  if (first < start) return [start, start + last - first]
  return last > end ? [end - (last - first), end] : [first, last]
}
