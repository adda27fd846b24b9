import { BadPackets } from './badpackets.ts'
import { beginBuilding } from './building.ts'
import { remove } from './files.ts'
import { type LakeFileSettings, publish } from './lakefiles.ts'
import { type Manifest, writeManifest } from './manifest.ts'
import type { Night } from './night.ts'
import { NightReader } from './nightreader.ts'
import type { Paths } from './paths.ts'
import { md5OfTarball } from './receipts.ts'

/**
 * Converts one night: its tarball in, its Parquet files and, last of all, its manifest out.
 *
 * @param listedMd5 the MD5 that the archive lists for the tarball; undefined where it lists none
 * @throws Error in one sentence where the tarball cannot be what the archive published; nothing is then published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listedMd5: string | undefined,
): Promise<Manifest> {
  const began = performance.now()
  const md5 = await md5OfTarball(paths, night)
  if (listedMd5 && md5 !== listedMd5)
    throw new Error(`its md5 is ${md5}, the archive lists ${listedMd5}: delete it and run make download`)
  const bad = new BadPackets(paths, night)
  const folder = await beginBuilding(paths, night)
  try {
    const read = await new NightReader(paths, night, folder, settings, md5, bad).read()
    const seconds = Math.round(performance.now() - began) / 1000
    const manifest = { ...read, peakMemory: process.resourceUsage().maxRSS * 1024, seconds }
    // From here to the manifest the night is not in the lake: a run that ends in between is made again.
    await remove(paths.manifest(night))
    await publish(paths, night, folder, manifest.files)
    await bad.publish()
    await writeManifest(paths, night, manifest)
    return manifest
  } finally {
    await bad.discard()
    await remove(folder)
  }
}
