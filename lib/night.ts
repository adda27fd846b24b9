import { DAY } from './core/units.ts'

/** A night, identified by the name of its tarball in the archive. */
export interface Night {
  /** File name in the archive, e.g. `ztf_public_20191003_programid3.tar.gz`. */
  readonly name: string
  /** Name without `.tar.gz`, which is the prefix of the night's files in the lake. */
  readonly stem: string
  /** Date of the tarball (UTC), `YYYYMMDD`. It determines the partition. */
  readonly date: string
  /** `programid3` for alerts from Caltech time in autumn 2019, which were published in separate tarballs. */
  readonly kind: 'night' | 'programid3'
}

// Accept only years 20xx, because a bogus year would make the report of missing dates list every date up to it.
const NAME = /^(ztf_public_(20\d{6})(_programid3)?)\.tar\.gz$/

/** Parses the file name of a night's tarball; undefined if it is not one. */
export function parseNight(name: string): Night | undefined {
  const [, stem = '', date = '', programid3] = NAME.exec(name) ?? []
  return isDate(date) ? { name, stem, date, kind: programid3 ? 'programid3' : 'night' } : undefined
}

/** The night with this stem; undefined if the stem is invalid. */
export function nightOfStem(stem: string): Night | undefined {
  return parseNight(`${stem}.tar.gz`)
}

/** Partition of a night in the lake: `year=YYYY/month=MM/day=DD`. */
export function partition({ date }: Night): string {
  return `year=${date.slice(0, 4)}/month=${date.slice(4, 6)}/day=${date.slice(6)}`
}

/**
 * Name of a Parquet file in a night's partition. A republished night gets new file names, so that a reader with cached
 * metadata does not mistake a new file for an old one.
 * @param md5 MD5 of the tarball
 * @param index number of the file, starting at 0
 */
export function parquetName({ stem }: Night, md5: string, index: number): string {
  return `${stem}-${md5.slice(0, 8)}-${String(index).padStart(4, '0')}.parquet`
}

/** Whether a file's name is one that `parquetName` gives to a file of this night. */
export function isOwnFile({ stem }: Night, name: string): boolean {
  return name.startsWith(`${stem}-`) && /^-[0-9a-f]{8}-\d{4,}\.parquet$/.test(name.slice(stem.length))
}

const FIRST_NIGHT = Date.UTC(2017, 0, 1)
/** A candid is the number of days since 2017-01-01 UTC, then 15 digits for time of day, channel and detection. */
const CANDIDS_PER_NIGHT = 10n ** 15n

/**
 * Dates (`YYYYMMDD`) of the nights that may contain an alert, most likely first. The neighbouring dates are included,
 * because tarballs do not always start and end at midnight UTC.
 */
export function candidDates(candid: bigint): string[] {
  const day = Number(candid / CANDIDS_PER_NIGHT)
  return [day, day + 1, day - 1].map(days => dateAt(FIRST_NIGHT + days * DAY))
}

/** All dates from `first` to `last`, inclusive, as `YYYYMMDD`. */
export function* datesBetween(first: string, last: string): Generator<string> {
  for (let at = timeOf(first); at <= timeOf(last); at += DAY) yield dateAt(at)
}

/** The UTC date of a timestamp in ms, as `YYYYMMDD`. */
export function dateAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

/** A date, given as `YYYYMMDD`, as `YYYY-MM-DD`. */
export function isoDate(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
}

/** Whether a date, given as `YYYYMMDD`, exists in the calendar. */
export function isDate(date: string): boolean {
  return new Date(timeOf(date)).getUTCDate() === Number(date.slice(6))
}

/** Start of a date in ms. NaN for most invalid dates, but JavaScript parses 30 February as a day in March. */
function timeOf(date: string): number {
  return Date.parse(`${isoDate(date)}T00:00Z`)
}
