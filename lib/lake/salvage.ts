import type { TarEnd } from '../alerts/tar.ts'
import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/**
 * Reason to salvage a tarball: it is truncated or damaged, so alerts may be missing. All readable alerts are added
 * to the lake; the manifest has the state `salvaged` and this reason.
 *
 * @param gzipDamage what is wrong with the gzip stream, if anything
 * @param tarBytes length of the uncompressed tar; an empty one is an empty night
 * @returns undefined for an intact tarball
 */
export function salvageReason(
  gzipDamage: string | undefined,
  { complete, cut, damagedBytes }: TarEnd,
  tarBytes: number,
): string | undefined {
  if (gzipDamage) return gzipDamage
  if (cut) return `its tar is cut inside ${clipped(cut, LIMITS.shownNameLength)}`
  if (damagedBytes > 0) return `${damagedBytes} bytes of its tar belong to no member`
  if (!complete && tarBytes > 0) return 'its tar has no end-of-archive blocks, so members may be missing'
  return undefined
}
