import { move, parseIfWhole, readIfThere, remove, writeWhole } from '../files.ts'
import { find } from '../find.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import { showBytes } from '../units.ts'
import { type Edition, editionOf, hasChanged } from './edition.ts'

/** The record of a tarball whose bytes are not those that the archive lists; it lies beside that one, in `bad/`. */
export interface SetAside {
  readonly reason: string
  /** Of the bytes that were set aside. */
  readonly md5: string
  readonly listed: Edition
  /** How often bytes were set aside for this edition. */
  readonly times: number
}

/** So often an edition is set aside before it is fetched no more. */
export const MOST_TIMES = 3

/** Apache shows two digits of a size, and all of them below 1 KiB. */
const ROUNDED = 0.06

/** Whether a tarball may have so many bytes as far as the listing tells, which tells about how many. */
export function fitsListing(bytes: number, listed: Pick<Edition, 'bytes'>): boolean {
  return Math.abs(bytes - listed.bytes) <= (listed.bytes < 1024 ? 0 : listed.bytes * ROUNDED)
}

/**
 * How a tarball differs from the listed one, in half a sentence; undefined where it may be that. Its size says
 * something only where the archive lists no MD5.
 */
export function strangeness(md5: string, bytes: number, listed: Edition): string | undefined {
  if (listed.md5) return md5 === listed.md5 ? undefined : `its md5 is ${md5}, the archive lists ${listed.md5}`
  if (fitsListing(bytes, listed)) return undefined
  return `it has ${showBytes(bytes)}, the archive lists ${showBytes(listed.bytes)}`
}

/**
 * Moves bytes that are not those of a night's listed tarball to `bad/`, in the place of former ones, and records why.
 * Of a link that a user put there only the link is moved.
 * @param path where they are now
 */
export async function setAside(
  paths: Paths,
  night: Night,
  path: string,
  { reason, md5, listed }: Omit<SetAside, 'times'>,
): Promise<void> {
  const before = await readSetAside(paths, night)
  const times = before && !hasChanged(before.listed, listed) ? before.times + 1 : 1
  await remove(paths.receipt(night))
  await remove(paths.badTarball(night))
  await move(path, paths.badTarball(night))
  const record: SetAside = { reason, md5, listed: editionOf(listed), times }
  await writeWhole(paths.setAside(night), `${JSON.stringify(record, null, 2)}\n`)
}

/** Forgets what was set aside of a night: what is listed has come. */
export async function forgetSetAside(paths: Paths, night: Night): Promise<void> {
  await remove(paths.badTarball(night))
  await remove(paths.setAside(night))
}

/** What was set aside, by the names of the nights. */
export async function allSetAside(paths: Paths): Promise<Map<string, SetAside>> {
  const nights = (await find(paths.bad, '*.json')).flatMap(name => nightOfStem(name.slice(0, -'.json'.length)) ?? [])
  const found = await Promise.all(nights.map(async night => [night.name, await readSetAside(paths, night)] as const))
  return new Map(found.flatMap(([name, record]) => (record ? [[name, record]] : [])))
}

/** Whether it is of no use to fetch this edition of a night once more. */
export function isGivenUp(record: SetAside | undefined, listed: Edition): boolean {
  return record !== undefined && record.times >= MOST_TIMES && !hasChanged(record.listed, listed)
}

async function readSetAside(paths: Paths, night: Night): Promise<SetAside | undefined> {
  const text = await readIfThere(paths.setAside(night))
  return text === undefined ? undefined : parseIfWhole(text)
}
