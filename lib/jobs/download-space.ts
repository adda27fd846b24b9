import { bytesToFetch } from '../archive/download.ts'
import { expectedLake } from '../archive/estimates.ts'
import { checkDiskSpace, type SpaceNeeded } from '../core/disk.ts'
import type { DownloadPlan } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { Settings } from '../settings.ts'

/** Size of the candidates table and the index relative to the lake. With KEEP_LAKE=no, only they stay on this disk. */
const TABLES_PER_LAKE = 0.01

/**
 * Checks that there is enough disk space for a download.
 * @param converts whether the run also converts the nights, which needs space for the lake
 * @returns bytes still to be downloaded
 * @throws Error if there is not enough space
 */
export async function checkDownloadSpace(
  settings: Settings,
  paths: Paths,
  { missing, notInLake }: DownloadPlan,
  converts: boolean,
): Promise<number> {
  const bytes = await bytesToFetch(paths, missing)
  const toFetch: SpaceNeeded = { folder: paths.tarballs, bytes, what: 'are left to fetch' }
  await checkDiskSpace(converts ? [tarballs(), lake()] : [toFetch])
  return bytes

  /** Space for tarballs. With KEEP_TARS=no, at most AHEAD bytes, or one larger night, are on disk at a time. */
  function tarballs(): SpaceNeeded {
    if (settings.KEEP_TARS === 'yes') return toFetch
    const most = Math.max(settings.AHEAD, ...missing.map(night => night.bytes))
    return { folder: paths.tarballs, bytes: Math.min(bytes, most), what: 'of tarballs are on disk at a time' }
  }

  function lake(): SpaceNeeded {
    const total = notInLake.reduce((sum, night) => sum + night.bytes, 0)
    const kept = settings.TO && settings.KEEP_LAKE === 'no' ? TABLES_PER_LAKE : 1
    return {
      folder: paths.lake,
      bytes: Math.round(expectedLake(total) * kept),
      what: 'of lake, about, are to be written',
    }
  }
}
