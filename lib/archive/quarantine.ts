import { basename, join } from 'node:path'
import { glob, move, parseOptional, readOptional, remove, unusedPath, writeAtomic } from '../core/files.ts'
import { showBytes } from '../core/units.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import { hasChanged, type Revision, revisionOf } from './revision.ts'

/** Record of a tarball that does not match the listing, stored next to it in `bad/`. */
export interface QuarantineRecord {
  readonly reason: string
  readonly md5: string
  readonly listed: Revision
  /** Number of downloads of this revision that were quarantined. */
  readonly times: number
}

/** Number of quarantined downloads after which a revision is not downloaded again. */
export const MAX_ATTEMPTS = 3

/** Maximum relative rounding error in the sizes that Apache lists for files of 1 KiB or more. */
const ROUNDING = 0.06

/** Whether a size agrees with the rounded size in the listing. */
export function fitsListing(bytes: number, listed: Pick<Revision, 'bytes'>): boolean {
  return Math.abs(bytes - listed.bytes) <= roundingOf(listed)
}

/** Largest size in bytes that agrees with the rounded size in the listing. */
export function largestFitting(listed: Pick<Revision, 'bytes'>): number {
  return Math.floor(listed.bytes + roundingOf(listed))
}

function roundingOf({ bytes }: Pick<Revision, 'bytes'>): number {
  return bytes < 1024 ? 0 : bytes * ROUNDING
}

/** Describes how a tarball differs from the listing; undefined if it matches. Compares sizes if no MD5 is listed. */
export function mismatch(md5: string, bytes: number, listed: Revision): string | undefined {
  if (listed.md5) return md5 === listed.md5 ? undefined : `its MD5 is ${md5}, but the archive lists ${listed.md5}`
  if (fitsListing(bytes, listed)) return undefined
  return `its size is ${showBytes(bytes)}, but the archive lists ${showBytes(listed.bytes)}`
}

/**
 * Moves a tarball that does not match the listing to `bad/`, and records the reason. A download replaces an earlier one.
 * Any other tarball may be the user's own, so it gets an unused name in `bad/orphans/`, where nothing removes it. If the
 * tarball is a symbolic link, only the link is moved.
 *
 * @returns its new path
 */
export async function quarantine(
  paths: Paths,
  night: Night,
  path: string,
  { reason, md5, listed }: Omit<QuarantineRecord, 'times'>,
): Promise<string> {
  const before = await readQuarantineRecord(paths, night)
  const times = before && !hasChanged(before.listed, listed) ? before.times + 1 : 1
  await remove(paths.receipt(night))
  const isDownload = path === paths.part(night)
  const target = isDownload
    ? paths.quarantinedTarball(night)
    : await unusedPath(join(paths.orphans, 'tarballs', night.name))
  if (isDownload) await remove(target)
  await move(path, target)
  const record: QuarantineRecord = { reason, md5, listed: revisionOf(listed), times }
  await writeAtomic(paths.quarantineRecord(night), `${JSON.stringify(record, null, 2)}\n`)
  return target
}

/** Removes a night's quarantined download and its record. */
export async function clearQuarantine(paths: Paths, night: Night): Promise<void> {
  await remove(paths.quarantinedTarball(night))
  await remove(paths.quarantineRecord(night))
}

/** All quarantine records, by tarball name. */
export async function readQuarantine(paths: Paths): Promise<Map<string, QuarantineRecord>> {
  const records = new Map<string, QuarantineRecord>()
  for (const name of await glob(paths.bad, '*.json')) {
    const night = nightOfStem(basename(name, '.json'))
    const record = night && (await readQuarantineRecord(paths, night))
    if (record) records.set(night.name, record)
  }
  return records
}

/** Whether `MAX_ATTEMPTS` downloads of the listed revision have been quarantined. */
export function attemptsExhausted(record: QuarantineRecord | undefined, listed: Revision): boolean {
  return record !== undefined && record.times >= MAX_ATTEMPTS && !hasChanged(record.listed, listed)
}

/** A night's quarantine record; undefined if there is none, or it is damaged. */
async function readQuarantineRecord(paths: Paths, night: Night): Promise<QuarantineRecord | undefined> {
  const record = parseOptional<Partial<QuarantineRecord> | null>(await readOptional(paths.quarantineRecord(night)))
  const { reason, md5, listed, times } = record ?? {}
  const isText = [reason, md5, listed?.modified, listed?.md5].every(value => typeof value === 'string')
  const isCount = [times, listed?.bytes].every(value => Number.isSafeInteger(value))
  return isText && isCount ? (record as QuarantineRecord) : undefined
}
