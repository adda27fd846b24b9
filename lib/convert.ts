import { mkdir } from 'node:fs/promises'
import { BadPackets } from './badpackets.ts'
import { type Edition, isOutdated, type Known } from './edition.ts'
import { remove } from './files.ts'
import { type LakeFileSettings, publish } from './lakefiles.ts'
import { type Manifest, type Replaced, readManifest, writeManifest } from './manifest.ts'
import type { Night } from './night.ts'
import { NightReader } from './nightreader.ts'
import type { Paths } from './paths.ts'
import { receiptOf } from './receipts.ts'

/**
 * Converts one night: its tarball in, its Parquet files and, last of all, its manifest out.
 *
 * @param listed how the archive lists the tarball; undefined where it does not
 * @throws Error in one sentence where the tarball cannot be what the archive published; nothing is then published
 */
export async function convertNight(
  paths: Paths,
  night: Night,
  settings: LakeFileSettings,
  listed: Edition | undefined,
): Promise<Manifest> {
  const began = performance.now()
  const known = await receiptOf(paths, night, listed)
  const { md5 } = known
  if (listed && isOutdated(known, listed)) throw new Error(whyRefused(known, listed))
  const former = await readManifest(paths, night)
  const bad = new BadPackets(paths, night)
  try {
    await remove(paths.building(night))
    await mkdir(paths.building(night), { recursive: true })
    const read = await new NightReader(paths, night, settings, md5, bad).read()
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
    await publish(paths, night, manifest)
    await bad.publish()
    await writeManifest(paths, night, manifest)
    return manifest
  } finally {
    await bad.discard()
    await remove(paths.building(night))
  }
}

function whyRefused({ md5, listed: before }: Known, now: Edition): string {
  if (!now.md5 || before?.md5 === md5)
    return 'the archive has published it again since it was fetched: run make download'
  return `its md5 is ${md5}, the archive lists ${now.md5}: delete it and run make download`
}

function replaced({ md5, listed, state, tarballBytes, alerts }: Manifest): Replaced {
  return { md5, ...(listed && { listed }), state, tarballBytes, alerts }
}
