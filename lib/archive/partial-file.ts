import { lstat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { obstacleAt } from '../core/errors.ts'
import { exists, parseOptional, readOptional, remove, writeAtomic } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { RemoteFile } from './http.ts'

const CONTROL_FILES = ['.aria2', '.aria2__temp']

/**
 * Removes symbolic links with the names of the files that a download writes, because their targets would be overwritten.
 * @throws Error if one of these files is a folder or a device
 */
export async function clearPaths(paths: Paths, night: Night): Promise<void> {
  const part = paths.part(night)
  const receipt = paths.receipt(night)
  const written = [part, ...CONTROL_FILES.map(suffix => part + suffix), notePath(part), `${notePath(part)}.part`]
  for (const path of [...written, `${receipt}.part`]) await removeLink(path)
  for (const path of [...written, `${receipt}.part`, receipt]) {
    const obstacle = obstacleAt(path)
    if (obstacle) throw new Error(obstacle)
  }
}

/** Removes a partial file and aria2c's control files. */
export async function removePart(part: string): Promise<void> {
  for (const suffix of ['', ...CONTROL_FILES]) await remove(part + suffix)
}

/**
 * Removes a partial file that must not be resumed, and notes of which file in the archive it is a part. With an MD5, which
 * verifies the result, only another length proves another revision, because servers behind one address may have ETags of
 * their own. Without an MD5, a file of a different or unknown revision is removed.
 *
 * @returns whether parts of different revisions may be mixed, so that a wrong MD5 proves nothing about the archive's file
 */
export async function keepIfResumable(part: string, md5: string, remote: RemoteFile): Promise<boolean> {
  const before = await readNote(part)
  const isSame = isDeepStrictEqual(before, remote)
  if (!isSame && (!md5 || (before && before.bytes !== remote.bytes))) await removePart(part)
  const isMixed = !isSame && (await exists(part))
  // A note without ETag and date never equals the archive's file again, so that the file counts as mixed until it goes.
  const note = isMixed ? { bytes: remote.bytes } : remote
  await writeAtomic(notePath(part), `${JSON.stringify(note)}\n`)
  return isMixed
}

export async function removeNote(part: string): Promise<void> {
  await remove(notePath(part))
}

async function readNote(part: string): Promise<RemoteFile | undefined> {
  return parseOptional(await readOptional(notePath(part)))
}

/** Path of the JSON file with the `RemoteFile` of a partial download. */
function notePath(part: string): string {
  return `${part}.json`
}

async function removeLink(path: string): Promise<void> {
  if ((await exists(path)) && (await lstat(path)).isSymbolicLink()) await remove(path)
}
