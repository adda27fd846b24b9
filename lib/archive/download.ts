import { mkdir, rename } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { obstacleAt } from '../core/errors.ts'
import { exists, md5Of, parseOptional, readOptional, remove, statOptional, writeAtomic } from '../core/files.ts'
import { showBytes } from '../core/units.ts'
import { type Night, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type DownloadRequest, removePart, transfer } from './aria2.ts'
import { type Probe, probe } from './http.ts'
import type { ListedFile } from './listing.ts'
import { clearQuarantine, fitsListing, mismatch, quarantine } from './quarantine.ts'
import { readReceipt, writeReceipt } from './receipts.ts'
import { RETRY_POLICY, type RetryPolicy, retry, TransientError } from './retry.ts'
import { revisionOf } from './revision.ts'

/**
 * Fetches one night's tarball, which has its final name only once it is whole.
 *
 * @param notice is told, in half a sentence, what is waited for
 * @returns its bytes
 * @throws Error in half a sentence; what has come so far stays for the next run, unless its md5 is wrong: it is then
 *   set aside
 */
export async function fetchNight(
  paths: Paths,
  listed: ListedFile,
  connections: number,
  notice: (line: string) => void,
  patience: RetryPolicy = RETRY_POLICY,
): Promise<number> {
  const night = parseNight(listed.name) as Night
  const obstacle = obstacleAt(paths.tarball(night))
  if (obstacle) throw new Error(obstacle)
  if ((await exists(paths.tarball(night))) && !(await readReceipt(paths, night)))
    throw new Error(`${paths.tarball(night)} is there already: delete it, and run it again`)
  await mkdir(paths.tarballs, { recursive: true })
  const part = paths.part(night)
  const act = () => fetchEdition(listed, { part, connections, stall: patience.stall })
  const isListed = await retry(patience, notice, act, () => bytesOf(part))
  if (!isListed) await refuse(paths, night, listed)
  const bytes = await bytesOf(part)
  await publish(paths, night, listed)
  return bytes
}

/** Bytes still to come of the tarballs, counting what earlier runs left of them. */
export async function bytesToFetch(paths: Paths, nights: readonly ListedFile[]): Promise<number> {
  const parts = await Promise.all(nights.map(({ name }) => bytesOf(paths.part(parseNight(name) as Night))))
  return nights.reduce((sum, { bytes }, i) => sum + Math.max(0, bytes - (parts[i] ?? 0)), 0)
}

/**
 * Fetches what is under the address now, to its end: what an earlier run left of another edition is dropped.
 * @returns whether the bytes are the listed ones, as far as the listing tells
 */
async function fetchEdition(
  { url, md5, ...listed }: ListedFile,
  fetch: Pick<DownloadRequest, 'part' | 'connections' | 'stall'>,
): Promise<boolean> {
  const { part } = fetch
  const edition = await probe(new URL(url))
  if (edition.bytes !== undefined && !fitsListing(edition.bytes, listed))
    throw new Error(
      `the archive has ${showBytes(edition.bytes)} there and listed ${showBytes(listed.bytes)}: ` +
        'make uris lists it anew',
    )
  await dropOther(part, md5, edition)
  await writeAtomic(noteOf(part), `${JSON.stringify(edition)}\n`)
  const matches = await transfer({ ...fetch, url, md5, head: edition.bytes !== undefined })
  if (md5 && matches) return true
  // No checksum says that all the bytes are of one edition.
  if (!isDeepStrictEqual(await probe(new URL(url)), edition)) {
    await removePart(part)
    throw new TransientError('the archive changed it meanwhile')
  }
  return matches && fitsListing(await bytesOf(part), listed)
}

/** A part of which it is not known what it is a part of is worth keeping only if a checksum will tell in the end. */
async function dropOther(part: string, md5: string, edition: Probe): Promise<void> {
  const note = await readOptional(noteOf(part))
  if (note === undefined ? !md5 : !isDeepStrictEqual(parseOptional(note), edition)) await removePart(part)
}

/** Gives the part the tarball's name. */
async function publish(paths: Paths, night: Night, listed: ListedFile): Promise<void> {
  const part = paths.part(night)
  // What the archive has published again goes first: until the end the night is then seen to be missing.
  await remove(paths.tarball(night))
  await writeReceipt(paths, night, part, revisionOf(listed), listed.md5 || undefined)
  await clearQuarantine(paths, night)
  await remove(noteOf(part))
  // Last of all: a conversion beside this may take the tarball at once, and remove it.
  await rename(part, paths.tarball(night))
}

async function refuse(paths: Paths, night: Night, listed: ListedFile): Promise<never> {
  const part = paths.part(night)
  const md5 = await md5Of(part)
  const reason = mismatch(md5, await bytesOf(part), listed) ?? 'aria2c found its md5 to be wrong'
  await quarantine(paths, night, part, { reason, md5, listed })
  await removePart(part)
  await remove(noteOf(part))
  throw new Error(`${reason}: it is in ${paths.bad} now, and is fetched anew the next time`)
}

/** Beside a part, what the archive told of the edition that it is a part of. */
function noteOf(part: string): string {
  return `${part}.json`
}

async function bytesOf(path: string): Promise<number> {
  return (await statOptional(path))?.size ?? 0
}
