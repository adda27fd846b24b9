import { DAY } from './core/units.ts'

/** A night, as identified by the name of its tarball in the archive. */
export interface Night {
  /** File name in the archive, e.g. `ztf_public_20191003_programid3.tar.gz`. */
  readonly name: string
  /** The name without `.tar.gz`: the lake's files and manifests are named after it. */
  readonly stem: string
  /** Date of the tarball (UTC), `YYYYMMDD`: it determines the partition. */
  readonly date: string
  /** `programid3`: alerts of Caltech time in autumn 2019, published in tarballs of their own. */
  readonly kind: 'night' | 'programid3'
}

// 20xx only: one bogus year would make the report of missing dates enumerate every date in between.
const NAME = /^(ztf_public_(20\d{6})(_programid3)?)\.tar\.gz$/

/** The night of a tarball's file name; undefined if it is not the name of a night. */
export function parseNight(name: string): Night | undefined {
  const [, stem = '', date = '', programid3] = NAME.exec(name) ?? []
  return isDate(date) ? { name, stem, date, kind: programid3 ? 'programid3' : 'night' } : undefined
}

/** The night with this stem; undefined if there is none. */
export function nightOfStem(stem: string): Night | undefined {
  return parseNight(`${stem}.tar.gz`)
}

/** Partition of a night in the lake: `year=YYYY/month=MM/day=DD`. */
export function partition({ date }: Night): string {
  return `year=${date.slice(0, 4)}/month=${date.slice(4, 6)}/day=${date.slice(6)}`
}

/**
 * Name of a night's Parquet file in its partition. A night that is published again gets other file names, so that a
 * reader with cached metadata does not mistake a new file for the old one.
 * @param md5 MD5 of the tarball
 * @param index number of the file, from 0
 */
export function parquetName({ stem }: Night, md5: string, index: number): string {
  return `${stem}-${md5.slice(0, 8)}-${String(index).padStart(4, '0')}.parquet`
}

/** Whether a file in a night's partition belongs to that night, and not to another tarball of the same date. */
export function isOwnFile({ stem }: Night, name: string): boolean {
  return name.startsWith(`${stem}-`)
}

/** The other tarball that may exist for the same date. */
export function siblingOf({ date, kind }: Night): Night {
  return nightOfStem(`ztf_public_${date}${kind === 'night' ? '_programid3' : ''}`) as Night
}

/** All dates from `first` to `last`, inclusive, as `YYYYMMDD`. */
export function* datesBetween(first: string, last: string): Generator<string> {
  for (let at = timeOf(first); at <= timeOf(last); at += DAY) yield dateAt(at)
}

/** The UTC date of a timestamp in ms, as `YYYYMMDD`. */
export function dateAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

/** Whether a date exists, given as `YYYYMMDD`. */
export function isDate(date: string): boolean {
  return new Date(timeOf(date)).getUTCDate() === Number(date.slice(6))
}

/** Start of a date in ms; NaN for most dates that do not exist, but JavaScript takes 30 February for a day in March. */
function timeOf(date: string): number {
  return Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00Z`)
}
