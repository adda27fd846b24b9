import type { TarEnd } from '../alerts/tar.ts'
import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/**
 * Why a tarball is salvaged: it is truncated or damaged, so that alerts may be missing. Everything that can be read from it is
 * in the lake, its night gets the state `salvaged`, and the manifest keeps this reason.
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
