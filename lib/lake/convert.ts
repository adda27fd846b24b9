import { join } from 'node:path'
import { clearQuarantine, mismatch, quarantine } from '../archive/quarantine.ts'
import { receiptOf } from '../archive/receipts.ts'
import { isOutdated, type Revision, type TarballIdentity } from '../archive/revision.ts'
import { remove, statOptional } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { DamagedPackets } from './damaged-packets.ts'
import { type LakeFileSettings, PART_SUFFIX } from './lake-files.ts'
import { type Manifest, type Replaced, readManifest, writeManifest } from './manifest.ts'
import { createStaging, publish } from './publish.ts'
import { StagedCandidates } from './staged-candidates.ts'
import { type ConversionProgress, TarballReader } from './tarball-reader.ts'

type Stat = Awaited<ReturnType<typeof statOptional>>

/**
 * Converts a night's tarball to Parquet files in the lake, and writes the manifest last.
 *
 * @param listed revision in the archive's listing; undefined if the night is not listed
 * @throws Error if the tarball does not match the archive's listing, or changes while it is read; nothing is then
 *   published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listed: Revision | undefined,
  progress: ConversionProgress = { read: 0, alerts: 0 },
): Promise<Manifest> {
  const start = performance.now()
  const stat = await statOptional(paths.tarball(night))
  const tarball = await receiptOf(paths, night, listed)
  const { md5 } = tarball
  await assertUnchanged(paths, night, stat)
  if (listed) await assertListed(paths, night, tarball, stat?.size ?? 0, listed)
  const former = await readManifest(paths, night)
  const damaged = new DamagedPackets(paths, night)
  const folder = await createStaging(paths, night)
  const candidates = new StagedCandidates(paths, night)
  try {
    const reader = new TarballReader(paths, { ...settings, night, folder, md5 }, damaged)
    const contents = await reader.read(progress)
    const files = contents.files.map(({ name }) => join(folder, name + PART_SUFFIX))
    const withCandidates = await candidates.write(contents, files, reader.historyLengths)
    await assertUnchanged(paths, night, stat)
    const manifest: Manifest = {
      ...withCandidates,
      ...(tarball.listed && { listed: tarball.listed }),
      ...(former && former.md5 !== md5 && { replaces: summaryOf(former) }),
      peakMemory: process.resourceUsage().maxRSS * 1024,
      seconds: Math.round(performance.now() - start) / 1000,
    }
    // Remove the old manifest, so that the night counts as not converted if this process dies before writing the new
    // one. A manifest with a different MD5 may stay, because it is recognized as outdated.
    if (former?.md5 === md5) await remove(paths.manifest(night))
    await publish(paths, night, folder, manifest)
    await candidates.publish()
    await damaged.publish()
    await writeManifest(paths, night, manifest)
    await clearQuarantine(paths, night)
    return manifest
  } finally {
    await damaged.discard()
    await candidates.discard()
    await remove(folder)
  }
}

/** Throws if the tarball is not the listed one, and quarantines the tarball unless it is an earlier revision. */
async function assertListed(
  paths: Paths,
  night: Night,
  tarball: TarballIdentity,
  bytes: number,
  listed: Revision,
): Promise<void> {
  const { md5 } = tarball
  const wasListed = tarball.listed && (!tarball.listed.md5 || tarball.listed.md5 === md5)
  if (wasListed && isOutdated(tarball, listed))
    throw new Error('the archive has republished it since its download: run make download')
  const reason = mismatch(md5, bytes, listed)
  if (!reason) return
  await quarantine(paths, night, paths.tarball(night), { reason, md5, listed })
  throw new Error(`${reason}: moved to ${paths.bad}, run make download`)
}

/** Throws if the tarball's size or modification time has changed, because its content may have changed too. */
async function assertUnchanged(paths: Paths, night: Night, before: Stat): Promise<void> {
  const now = await statOptional(paths.tarball(night))
  if (now && now.size === before?.size && now.mtimeMs === before.mtimeMs) return
  // Discard the cached MD5, because it may match neither the old nor the new content of the file.
  await remove(paths.receipt(night))
  throw new Error('it changed while it was read: run make lake when it is complete')
}

function summaryOf({ md5, listed, state, tarballBytes, alerts }: Manifest): Replaced {
  return { md5, ...(listed && { listed }), state, tarballBytes, alerts }
}
