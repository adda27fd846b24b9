import type { TarEnd } from '../alerts/tar.ts'
import { clipped } from '../core/console.ts'
import { LIMITS } from '../limits.ts'

/**
 * Describes the damage to a tarball from which alerts may be missing; returns undefined if the tarball is intact.
 *
 * @param gzipDamage description of the damage to the gzip stream, if any
 * @param tarBytes size of the uncompressed tar in bytes; a tar of 0 bytes counts as intact
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
