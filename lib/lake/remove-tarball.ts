import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { receiptOf } from '../archive/receipts.ts'
import { remove, syncFolder } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { checkNight } from './check-night.ts'
import type { Manifest } from './manifest.ts'

/**
 * Returns true if a converted night's tarball may be deleted. A salvaged tarball may be deleted only if it has the
 * listed MD5. Otherwise the archive's tarball may be intact, and the night may have to be downloaded again.
 */
export function isRemovable({ state, md5 }: Pick<Manifest, 'state' | 'md5'>, listedMd5: string | undefined): boolean {
  return state !== 'salvaged' || md5 === listedMd5
}

/**
 * Removes the tarball of a night in the lake, after checking the night and syncing its folders to disk. If the tarball
 * is a symbolic link, removes only the link.
 * @throws Error if the lake or the tarball does not match the manifest; the tarball is then kept
 */
export async function removeTarball(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await checkNight(paths, night, manifest)
  const { md5 } = await receiptOf(paths, night)
  if (md5 !== manifest.md5)
    throw new Error(
      `its MD5 is ${md5}, but its night in the lake was converted from a tarball with the MD5 ${manifest.md5}: ` +
        `delete it, or delete ${paths.manifest(night)} and run make lake`,
    )
  const partition = paths.partition(night)
  const parents = [join(partition, '..'), join(partition, '../..')]
  for (const folder of [partition, ...parents, paths.lake, paths.manifests]) await syncFolder(folder)
  await remove(paths.receipt(night))
  await unlink(paths.tarball(night))
}
