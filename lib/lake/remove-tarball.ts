import { unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { receiptOf, verifiedReceipt } from '../archive/receipts.ts'
import { remove, syncToDisk } from '../core/files.ts'
import { plural } from '../core/units.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { checkNight } from './check-night.ts'
import { tarballFaults } from './check-tarball.ts'
import type { Manifest } from './manifest.ts'
import type { NightSummary } from './summaries.ts'

/**
 * Reason why the tarball of a night in the lake must stay; undefined if all its packets are in the lake or in `bad/`, as
 * far as its manifest says. A salvaged tarball may be removed only if it has the listed MD5. Otherwise the archive's
 * tarball may be intact, and the night may have to be downloaded again. The MD5 of a salvaged manifest was computed, not
 * taken from a receipt.
 */
export function reasonToKeep(
  { state, md5, notKept, unread, movedTo }: Pick<NightSummary, 'state' | 'md5' | 'notKept' | 'unread' | 'movedTo'>,
  listedMd5: string | undefined,
): string | undefined {
  if (notKept > 0)
    return `${plural(notKept, 'packet')} of it, larger than any alert, ${notKept === 1 ? 'is' : 'are'} kept nowhere else`
  if (state === 'salvaged' && md5 !== listedMd5) return 'a better one may come'
  if (state === 'salvaged' && unread === undefined)
    return 'an earlier version converted it, perhaps not all that is intact'
  if (movedTo && unread === undefined)
    return `an earlier version converted it, and its alerts, which were moved to ${movedTo}, cannot be compared with it here`
  return unread ? 'some of its bytes cannot be read, and are kept nowhere else' : undefined
}

/**
 * Removes the tarball of a night in the lake, after checking the night and syncing its folders to disk. If the tarball
 * is a symbolic link, removes only the link. The files of a night that was moved were verified before they were removed
 * here, and are not checked again.
 * @throws Error if the lake or the tarball does not match the manifest; the tarball is then kept
 */
export async function removeTarball(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  await checkNight(paths, night, manifest)
  if (manifest.unread === undefined) await assertHasAll(paths, night, manifest)
  // For a whole night the receipt is enough: if bits of the tarball have flipped since its conversion, the lake has the
  // alerts as gzip has proven them, and the tarball is not needed. A salvaged one may have been converted by an earlier
  // version, which believed the receipt.
  const { md5 } = await (manifest.state === 'salvaged' ? verifiedReceipt : receiptOf)(paths, night)
  if (md5 !== manifest.md5)
    throw new Error(
      `its MD5 is ${md5}, but its night in the lake was converted from a tarball with the MD5 ${manifest.md5}: ` +
        'run make lake to convert it, or delete it',
    )
  const partitions = [paths.partition(night), dirname(paths.candidatesFile(night))]
  const parents = partitions.flatMap(folder => [folder, join(folder, '..'), join(folder, '../..')])
  const tops = [paths.lake, paths.manifests, paths.candidates, paths.badPackets(night), paths.bad]
  const folders = [...parents, ...tops]
  for (const folder of folders) await syncToDisk(folder)
  await remove(paths.receipt(night))
  await unlink(paths.tarball(night))
}

/** Throws if a night that an earlier version converted lacks something of its tarball. */
async function assertHasAll(paths: Paths, night: Night, manifest: Manifest): Promise<void> {
  const faults = await tarballFaults(paths, night, manifest)
  const [fault] = faults?.night ?? []
  if (fault) throw new Error(`an earlier version converted it, and ${fault}: run make repair DEEP=1, then make lake`)
}
