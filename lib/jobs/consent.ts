import { expectedLake } from '../archive/estimates.ts'
import { confirm } from '../core/confirm.ts'
import { diskOf } from '../core/disk.ts'
import { plural, showBytes, showSeconds } from '../core/units.ts'
import type { DownloadPlan } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import { everyNight } from '../selection.ts'
import type { Settings } from '../settings.ts'
import { checkDownloadSpace } from './download-space.ts'

/** Bytes beyond which a download of all nights needs consent. */
const LARGE = 2 ** 40

/**
 * Returns whether a download may begin. A large one without `NIGHTS` may have been started by mistake, so the user is
 * asked. If the disk lacks space for it, returns true without a question, because the download itself reports that.
 *
 * @param converts whether the run also converts the nights
 * @param ask asks the user; returns undefined if nobody can answer
 * @throws Error if nobody can answer, and ALL=yes is not given
 */
export async function mayDownload(
  settings: Settings,
  paths: Paths,
  plan: DownloadPlan,
  converts: boolean,
  ask = confirm,
): Promise<boolean> {
  if (settings.ALL || settings.NIGHTS !== everyNight) return true
  const bytes = await checkDownloadSpace(settings, paths, plan, converts).catch(() => 0)
  if (bytes <= LARGE) return true
  const { free } = await diskOf(paths.tarballs)
  const time = `${showSeconds(bytes / settings.LINK)} at ${settings.LINK / 1e6} MB/s (LINK=)`
  const total = plan.notInLake.reduce((sum, night) => sum + night.bytes, 0)
  const lake = converts ? `, then about ${showBytes(expectedLake(total))} of lake` : ''
  const size = `${plural(plan.missing.length, 'night')}, about ${showBytes(bytes)}, ${time}${lake}; ${showBytes(free)} free`
  const answer = await ask(`Without NIGHTS=, this downloads everything that is missing: ${size}. Continue?`)
  if (answer === undefined)
    throw new Error(
      `without NIGHTS=, this would download everything that is missing: ${size}: select nights, e.g. NIGHTS=2020, or give ` +
        'ALL=yes',
    )
  return answer
}
