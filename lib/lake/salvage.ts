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

/** First bytes of files in formats that a user may have packed a tar in, in hex. */
const FORMATS = {
  'gzipped twice': '1f8b',
  'compressed by xz': 'fd377a585a00',
  'compressed by bzip2': '425a68',
  'compressed by zstd': '28b52ffd',
  'a zip archive': '504b0304',
}

/** Describes a file that is in another format than tar by its first bytes; undefined if they are of none that is known. */
export function otherFormat(head: Buffer = Buffer.alloc(0)): string | undefined {
  const hex = head.toString('hex')
  return Object.entries(FORMATS).find(([, magic]) => hex.startsWith(magic))?.[0]
}
