import { type Night, parseNight } from '../night.ts'
import { nightName } from '../synthetic/night.ts'

/** Sizes of a simulated lake's nights. All months are alike, except that some lack the last night. */
export interface LakeShape {
  /** `YYYYMM`. */
  readonly firstMonth: string
  readonly months: number
  /** Number of Parquet files per night, for the first days of a month. */
  readonly files: readonly number[]
  /** Number of months, from the first on, that have all these nights. The others lack the last one. */
  readonly completeMonths: number
}

export interface SimulatedNight {
  readonly night: Night
  /** Day of the month, starting at 1. Nights with the same day have the same candidates. */
  readonly day: number
  /** Number of Parquet files. */
  readonly files: number
}

/**
 * 2,218 nights with 150,355 files, as the real listing has. The first 23 sizes are about the means of 23 equal groups of
 * the listed nights, ordered by size, but in another order. The last one makes the total equal to that of the listing.
 */
export const FULL_SIZE: LakeShape = {
  firstMonth: '201806',
  months: 95,
  files: [66, 21, 103, 40, 125, 4, 82, 54, 93, 28, 70, 113, 13, 62, 86, 35, 176, 50, 78, 45, 97, 59, 74, 25],
  completeMonths: 33,
}

/** Days of each month on which all objects of the converted night have an alert: 285 nights in a full-size lake. */
export const OBSERVED_DAYS: readonly number[] = [1, 8, 15]

/** The nights of a simulated lake, in date order. */
export function nightsOf({ firstMonth, months, files, completeMonths }: LakeShape): SimulatedNight[] {
  return Array.from({ length: months }, (_, i) => {
    const month = monthAfter(firstMonth, i)
    return files
      .slice(0, i < completeMonths ? files.length : -1)
      .map((count, j) => ({ night: nightAt(month, j + 1), day: j + 1, files: count }))
  }).flat()
}

/** The month of a night, as `YYYYMM`. */
export function monthOf({ night }: SimulatedNight): string {
  return night.date.slice(0, 6)
}

function nightAt(month: string, day: number): Night {
  return parseNight(nightName(month + String(day).padStart(2, '0'))) as Night
}

/** The month `count` months after a month, both as `YYYYMM`. */
function monthAfter(month: string, count: number): string {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(4)) - 1 + count
  return `${Math.floor(months / 12)}${String((months % 12) + 1).padStart(2, '0')}`
}
