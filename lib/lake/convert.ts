import { clearQuarantine, mismatch, quarantine } from '../archive/quarantine.ts'
import { receiptOf } from '../archive/receipts.ts'
import { isOutdated, type Revision, type TarballIdentity } from '../archive/revision.ts'
import { remove, statOptional } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { ConversionProgress } from '../progress/notes.ts'
import { DamagedPackets } from './damaged-packets.ts'
import { type Manifest, type Replaced, readManifest, writeManifest } from './manifest.ts'
import { type LakeFileSettings, publish } from './parquet-writer.ts'
import { createStaging } from './publish.ts'
import { TarballReader } from './tarball-reader.ts'

type Stat = Awaited<ReturnType<typeof statOptional>>

/**
 * Converts one night: its tarball in, its Parquet files and, last of all, its manifest out.
 *
 * @param listed what the archive lists of the tarball; undefined where it lists no such one
 * @param gauge is told how far it is
 * @throws Error in one sentence where the tarball cannot be what the archive published, which is then set aside, or
 *   changes while it is read; nothing is then published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listed: Revision | undefined,
  gauge: ConversionProgress = { read: 0, alerts: 0 },
): Promise<Manifest> {
  const began = performance.now()
  const found = await statOptional(paths.tarball(night))
  const known = await receiptOf(paths, night, listed)
  const { md5 } = known
  await refuseChanged(paths, night, found)
  if (listed) await refuseOthers(paths, night, known, found?.size ?? 0, listed)
  const former = await readManifest(paths, night)
  const bad = new DamagedPackets(paths, night)
  const folder = await createStaging(paths, night)
  try {
    const read = await new TarballReader(paths, night, folder, settings, md5, bad).read(gauge)
    await refuseChanged(paths, night, found)
    const manifest: Manifest = {
      ...read,
      ...(known.listed && { listed: known.listed }),
      ...(former && former.md5 !== md5 && { replaces: replaced(former) }),
      peakMemory: process.resourceUsage().maxRSS * 1024,
      seconds: Math.round(performance.now() - began) / 1000,
    }
    // From here to its manifest the night is not in the lake: a run that ends in between is made again. A manifest of
    // another tarball may stay, since it tells so.
    if (former?.md5 === md5) await remove(paths.manifest(night))
    await publish(paths, night, folder, manifest)
    await bad.publish()
    await writeManifest(paths, night, manifest)
    await clearQuarantine(paths, night)
    return manifest
  } finally {
    await bad.discard()
    await remove(folder)
  }
}

/** Refuses what is not, or no more, the listed tarball; what never was is set aside. */
async function refuseOthers(
  paths: Paths,
  night: Night,
  known: TarballIdentity,
  bytes: number,
  listed: Revision,
): Promise<void> {
  const { md5 } = known
  const wasListed = known.listed && (!known.listed.md5 || known.listed.md5 === md5)
  if (wasListed && isOutdated(known, listed))
    throw new Error('the archive has published it again since it was fetched: run make download')
  const reason = mismatch(md5, bytes, listed)
  if (!reason) return
  await quarantine(paths, night, paths.tarball(night), { reason, md5, listed })
  throw new Error(`${reason}: it is in ${paths.bad} now, and make download fetches it anew`)
}

/** A tarball that is still being copied, or is replaced, would be read as a mixture. */
async function refuseChanged(paths: Paths, night: Night, before: Stat): Promise<void> {
  const now = await statOptional(paths.tarball(night))
  if (now && now.size === before?.size && now.mtimeMs === before.mtimeMs) return
  // What was found to be its md5 may be that of no file.
  await remove(paths.receipt(night))
  throw new Error('it changed while it was read: run make lake once it is there whole')
}

function replaced({ md5, listed, state, tarballBytes, alerts }: Manifest): Replaced {
  return { md5, ...(listed && { listed }), state, tarballBytes, alerts }
}
