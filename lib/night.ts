import { DAY } from './core/units.ts'

/** A night's tarball as the archive names it, and every name that follows from it. */
export interface Night {
  /** File name in the archive, e.g. `ztf_public_20191003_programid3.tar.gz`. */
  readonly name: string
  /** The name without `.tar.gz`: what the lake's files and manifests are called by. */
  readonly stem: string
  /** Date of the tarball (UTC), `YYYYMMDD`: the night's label, and its partition. */
  readonly date: string
  /** Public survey nights, or the caltech-time nights of autumn 2019 published beside them. */
  readonly kind: 'night' | 'programid3'
}

// A survey of this century: a listing with nights in years that were not would have every date between counted.
const NAME = /^(ztf_public_(20\d{2})(\d{2})(\d{2})(_programid3)?)\.tar\.gz$/

/** The night that a file name stands for; undefined where it is not a night's name. */
export function parseNight(name: string): Night | undefined {
  const [, stem = '', year = '', month = '', day = '', programid3] = NAME.exec(name) ?? []
  if (!isDate(year, month, day)) return undefined
  return { name, stem, date: year + month + day, kind: programid3 ? 'programid3' : 'night' }
}

/** The night of a manifest's or a Parquet file's stem. */
export function nightOfStem(stem: string): Night | undefined {
  return parseNight(`${stem}.tar.gz`)
}

/** Folder of a night inside the lake: `year=YYYY/month=MM/day=DD`. */
export function partition({ date }: Night): string {
  return `year=${date.slice(0, 4)}/month=${date.slice(4, 6)}/day=${date.slice(6)}`
}

/**
 * Name of the night's file number `index`, counted from 0, within its partition. A night that is published again gets
 * other names, so that a reader that knows the former ones takes no new file for an old one.
 * @param md5 of the tarball
 */
export function parquetName({ stem }: Night, md5: string, index: number): string {
  return `${stem}-${md5.slice(0, 8)}-${String(index).padStart(4, '0')}.parquet`
}

/** Whether a file in a night's partition is of that night, and not of another tarball of its date. */
export function isOwnFile({ stem }: Night, name: string): boolean {
  return name.startsWith(`${stem}-`)
}

/** The other tarball that a date may have. */
export function siblingOf({ date, kind }: Night): Night {
  return nightOfStem(`ztf_public_${date}${kind === 'night' ? '_programid3' : ''}`) as Night
}

/** Every calendar date from `first` to `last`, both `YYYYMMDD`, both included. */
export function* datesBetween(first: string, last: string): Generator<string> {
  const iso = (date: string) => Date.parse(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`)
  for (let at = iso(first); at <= iso(last); at += DAY) yield dateAt(at)
}

/** The date (UTC), `YYYYMMDD`, at so many ms since 1970. */
export function dateAt(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

function isDate(year: string, month: string, day: string): boolean {
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.getUTCDate() === Number(day)
}
