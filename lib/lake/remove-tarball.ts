import { unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { remove, syncFolder } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { checkNight } from './check-night.ts'
import type { Manifest } from './manifest.ts'

/**
 * Whether a tarball is of no more use once its night is in the lake. One that is cut may be followed by a better copy,
 * unless it is what the archive lists.
 */
export function isSpent({ state, md5 }: Manifest, listedMd5: string | undefined): boolean {
  return state !== 'salvaged' || md5 === listedMd5
}

/**
 * Removes the tarball of a night in the lake, once the night is checked and sure to be on disk. Of a link that a user
 * put there the target stays.
 * @throws Error in one sentence where the lake or the tarball is not what the manifest says; the tarball then stays
 */
export async function removeTarball(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await checkNight(paths, night, manifest)
  const { md5 } = await receiptOf(paths, night)
  if (md5 !== manifest.md5)
    throw new Error(
      `its md5 is ${md5}, but the lake has the night from one of ${manifest.md5}: ` +
        `delete it, or delete ${paths.manifest(night)} and run make lake`,
    )
  for (const folder of foldersOf(paths, night)) await syncFolder(folder)
  await remove(paths.receipt(night))
  await unlink(paths.tarball(night))
}

/** Every folder whose names lead to the night in the lake: its manifest's, its partition's, and those around that. */
function foldersOf(paths: Paths, night: Night): string[] {
  const day = paths.partition(night)
  const month = dirname(day)
  return [day, month, dirname(month), paths.lake, paths.manifests]
}
