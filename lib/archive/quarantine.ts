import { glob, move, parseOptional, readOptional, remove, writeAtomic } from '../core/files.ts'
import { showBytes } from '../core/units.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import { hasChanged, type Revision, revisionOf } from './revision.ts'

/** The record of a tarball whose bytes are not those that the archive lists; it lies beside that one, in `bad/`. */
export interface QuarantineRecord {
  readonly reason: string
  /** Of the bytes that were set aside. */
  readonly md5: string
  readonly listed: Revision
  /** How often bytes were set aside for this edition. */
  readonly times: number
}

/** So often an edition is set aside before it is fetched no more. */
export const MAX_ATTEMPTS = 3

/** Apache shows two digits of a size, and all of them below 1 KiB. */
const ROUNDED = 0.06

/** Whether a tarball may have so many bytes as far as the listing tells, which tells about how many. */
export function fitsListing(bytes: number, listed: Pick<Revision, 'bytes'>): boolean {
  return Math.abs(bytes - listed.bytes) <= (listed.bytes < 1024 ? 0 : listed.bytes * ROUNDED)
}

/**
 * How a tarball differs from the listed one, in half a sentence; undefined where it may be that. Its size says
 * something only where the archive lists no MD5.
 */
export function mismatch(md5: string, bytes: number, listed: Revision): string | undefined {
  if (listed.md5) return md5 === listed.md5 ? undefined : `its md5 is ${md5}, the archive lists ${listed.md5}`
  if (fitsListing(bytes, listed)) return undefined
  return `it has ${showBytes(bytes)}, the archive lists ${showBytes(listed.bytes)}`
}

/**
 * Moves bytes that are not those of a night's listed tarball to `bad/`, in the place of former ones, and records why.
 * Of a link that a user put there only the link is moved.
 * @param path where they are now
 */
export async function quarantine(
  paths: Paths,
  night: Night,
  path: string,
  { reason, md5, listed }: Omit<QuarantineRecord, 'times'>,
): Promise<void> {
  const before = await readQuarantineRecord(paths, night)
  const times = before && !hasChanged(before.listed, listed) ? before.times + 1 : 1
  await remove(paths.receipt(night))
  await remove(paths.quarantinedTarball(night))
  await move(path, paths.quarantinedTarball(night))
  const record: QuarantineRecord = { reason, md5, listed: revisionOf(listed), times }
  await writeAtomic(paths.quarantineRecord(night), `${JSON.stringify(record, null, 2)}\n`)
}

/** Forgets what was set aside of a night: what is listed has come. */
export async function clearQuarantine(paths: Paths, night: Night): Promise<void> {
  await remove(paths.quarantinedTarball(night))
  await remove(paths.quarantineRecord(night))
}

/** What was set aside, by the names of the nights. */
export async function readQuarantine(paths: Paths): Promise<Map<string, QuarantineRecord>> {
  const nights = (await glob(paths.bad, '*.json')).flatMap(name => nightOfStem(name.slice(0, -'.json'.length)) ?? [])
  const found = await Promise.all(
    nights.map(async night => [night.name, await readQuarantineRecord(paths, night)] as const),
  )
  return new Map(found.flatMap(([name, record]) => (record ? [[name, record]] : [])))
}

/** Whether it is of no use to fetch this edition of a night once more. */
export function attemptsExhausted(record: QuarantineRecord | undefined, listed: Revision): boolean {
  return record !== undefined && record.times >= MAX_ATTEMPTS && !hasChanged(record.listed, listed)
}

async function readQuarantineRecord(paths: Paths, night: Night): Promise<QuarantineRecord | undefined> {
  const text = await readOptional(paths.quarantineRecord(night))
  return text === undefined ? undefined : parseOptional(text)
}
