import { mkdir } from 'node:fs/promises'
import { BadPackets } from './badpackets.ts'
import { remove, statIfThere } from './files.ts'
import { type LakeFileSettings, publish } from './lakefiles.ts'
import { type Manifest, writeManifest } from './manifest.ts'
import type { Night } from './night.ts'
import { NightReader } from './nightreader.ts'
import type { Paths } from './paths.ts'
import { md5OfTarball } from './receipts.ts'
import { type Edition, forgetSetAside, setAside, strangeness } from './setaside.ts'

type Stat = Awaited<ReturnType<typeof statIfThere>>

/**
 * Converts one night: its tarball in, its Parquet files and, last of all, its manifest out.
 *
 * @param listed what the archive lists of the tarball; undefined where it lists no such one
 * @throws Error in one sentence where the tarball cannot be what the archive published, which is then set aside, or changes
 *   while it is read; nothing is then published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listed: Edition | undefined,
): Promise<Manifest> {
  const began = performance.now()
  const found = await statIfThere(paths.tarball(night))
  const md5 = await md5OfTarball(paths, night)
  await refuseChanged(paths, night, found)
  if (listed) await refuseStrange(paths, night, { md5, bytes: found?.size ?? 0 }, listed)
  const bad = new BadPackets(paths, night)
  try {
    await remove(paths.building(night))
    await mkdir(paths.building(night), { recursive: true })
    const read = await new NightReader(paths, night, settings, md5, bad).read()
    await refuseChanged(paths, night, found)
    const seconds = Math.round(performance.now() - began) / 1000
    const manifest = { ...read, peakMemory: process.resourceUsage().maxRSS * 1024, seconds }
    // From here to the manifest the night is not in the lake: a run that ends in between is made again.
    await remove(paths.manifest(night))
    await publish(paths, night, manifest.files)
    await bad.publish()
    await writeManifest(paths, night, manifest)
    await forgetSetAside(paths, night)
    return manifest
  } finally {
    await bad.discard()
    await remove(paths.building(night))
  }
}

async function refuseStrange(
  paths: Paths,
  night: Night,
  { md5, bytes }: Pick<Edition, 'md5' | 'bytes'>,
  listed: Edition,
): Promise<void> {
  const reason = strangeness(md5, bytes, listed)
  if (!reason) return
  await setAside(paths, night, paths.tarball(night), { reason, md5, listed })
  throw new Error(`${reason}: it is in ${paths.bad} now, and make download fetches it anew`)
}

/** A tarball that is still being copied, or is replaced, would be read as a mixture. */
async function refuseChanged(paths: Paths, night: Night, before: Stat): Promise<void> {
  const now = await statIfThere(paths.tarball(night))
  if (now && now.size === before?.size && now.mtimeMs === before.mtimeMs) return
  // What was found to be its md5 may be that of no file.
  await remove(paths.receipt(night))
  throw new Error('it changed while it was read: run make lake once it is there whole')
}
