import { rename } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { obstacleAt } from '../core/errors.ts'
import { exists, makeFolder, md5Of, remove, statOptional } from '../core/files.ts'
import { RETRY_POLICY, type RetryPolicy, retry, TransientError } from '../core/retry.ts'
import { showBytes } from '../core/units.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type DownloadRequest, transfer } from './aria2.ts'
import { probe, type RemoteFile } from './http.ts'
import { type ListedFile, nightOf } from './listing.ts'
import { clearPaths, keepIfResumable, removeNote, removePart } from './partial-file.ts'
import { clearQuarantine, fitsListing, largestFitting, mismatch, quarantine } from './quarantine.ts'
import { readReceipt, writeReceipt } from './receipts.ts'
import { revisionOf } from './revision.ts'
import { isWholeGzip } from './whole-gzip.ts'

/**
 * Downloads one night's tarball, and renames it to its final name once it is verified.
 *
 * @param onWait called with the reason before each retry delay
 * @returns size of the tarball in bytes
 * @throws Error with the reason. The next run resumes a partial file. A complete file that does not match the listing
 *   is quarantined
 */
export async function fetchNight(
  paths: Paths,
  listed: ListedFile,
  connections: number,
  onWait: (line: string) => void,
  policy: RetryPolicy = RETRY_POLICY,
): Promise<number> {
  const night = nightOf(listed)
  await assertReplaceable(paths, night)
  await makeFolder(paths.tarballs)
  await clearPaths(paths, night)
  const part = paths.part(night)
  const unproven = new Set<string>()
  const attempt = () => fetchRevision(listed, { part, connections, stallSeconds: policy.stallSeconds }, unproven)
  const matches = await retry(attempt, { policy, onWait, progress: () => bytesOf(part) })
  if (!matches) await reject(paths, night, listed)
  const bytes = await bytesOf(part)
  await publish(paths, night, listed)
  return bytes
}

/** Number of bytes still to be downloaded, excluding those already in partial files. */
export async function bytesToFetch(paths: Paths, nights: readonly ListedFile[]): Promise<number> {
  const parts = await Promise.all(nights.map(row => bytesOf(paths.part(nightOf(row)))))
  return nights.reduce((sum, { bytes }, i) => sum + Math.max(0, bytes - (parts[i] ?? 0)), 0)
}

/** Throws if the tarball's path is a folder, a dangling link, or a file without a valid receipt. */
async function assertReplaceable(paths: Paths, night: Night): Promise<void> {
  const tarball = paths.tarball(night)
  const obstacle = obstacleAt(tarball)
  if (obstacle) throw new Error(obstacle)
  if ((await exists(tarball)) && !(await readReceipt(paths, night)))
    throw new Error(`${tarball} exists already: delete it, then run this again`)
}

/**
 * Downloads the archive's current revision. A partial file of a different revision is removed first.
 * @param unproven MD5s of earlier downloads of which nothing proves that they are complete
 * @returns whether the file matches the listing: by MD5, or by size if no MD5 is listed
 */
async function fetchRevision(
  { url, md5, ...listed }: ListedFile,
  request: Pick<DownloadRequest, 'part' | 'connections' | 'stallSeconds'>,
  unproven: Set<string>,
): Promise<boolean> {
  const { part } = request
  const remote = await probe(new URL(url))
  if (remote.bytes !== undefined && !fitsListing(remote.bytes, listed))
    throw new Error(
      `the archive now has ${showBytes(remote.bytes)}, but listed ${showBytes(listed.bytes)}: ` +
        'run make uris to list it again',
    )
  const isMixed = await keepIfResumable(part, md5, remote)
  const head = remote.bytes !== undefined
  const matches = await transfer({ ...request, url, md5, head, maxBytes: largestFitting(listed) })
  if (md5 && matches) return true
  // Without a matching MD5, check that the archive did not replace the file during the download.
  if (!isDeepStrictEqual(await probe(new URL(url)), remote))
    return startAgain(part, 'the archive changed the file during the download')
  if (isMixed) return startAgain(part, 'the archive has changed the file since its download began')
  if (!md5 && !(await isComplete(part, remote, unproven)))
    return startAgain(part, 'the download seems to have ended early')
  return matches && fitsListing(await bytesOf(part), listed)
}

/** Removes a partial file and throws a TransientError, so that the next attempt downloads the whole file. */
async function startAgain(part: string, reason: string): Promise<never> {
  await removePart(part)
  throw new TransientError(reason)
}

/**
 * Whether a file without an MD5 is complete, as its size or its gzip stream proves. A file of the archive may itself be
 * cut, so a second download of the same bytes is also a proof.
 */
async function isComplete(part: string, { bytes }: RemoteFile, unproven: Set<string>): Promise<boolean> {
  if (bytes !== undefined) return bytes === (await bytesOf(part))
  if (await isWholeGzip(part)) return true
  const md5 = await md5Of(part)
  const isRepeated = unproven.has(md5)
  unproven.add(md5)
  return isRepeated
}

/** Writes the receipt, and renames the complete download to its final name. */
async function publish(paths: Paths, night: Night, listed: ListedFile): Promise<void> {
  const part = paths.part(night)
  // Remove an outdated tarball first, so that the night counts as missing if this is interrupted.
  await remove(paths.tarball(night))
  await writeReceipt(paths, night, part, revisionOf(listed), listed.md5 || undefined)
  await clearQuarantine(paths, night)
  await removeNote(part)
  // Rename last, because a concurrent conversion may convert and delete the tarball as soon as it has its final name.
  await rename(part, paths.tarball(night))
}

async function reject(paths: Paths, night: Night, listed: ListedFile): Promise<never> {
  const part = paths.part(night)
  const md5 = await md5Of(part)
  const reason = mismatch(md5, await bytesOf(part), listed) ?? 'aria2c reports a wrong MD5'
  const target = await quarantine(paths, night, part, { reason, md5, listed })
  await removePart(part)
  await removeNote(part)
  throw new Error(`${reason}: moved to ${target}, the next run downloads it again`)
}

async function bytesOf(path: string): Promise<number> {
  return (await statOptional(path))?.size ?? 0
}
