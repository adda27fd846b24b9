import { md5Of, parseOptional, readOptional, statOptional, writeAtomic } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Revision, TarballIdentity } from './revision.ts'

/**
 * Cached identity of a tarball on disk, valid while its size and modification time stay the same. It saves time and
 * proves nothing: bits on the disk may flip, and a copy may keep both.
 */
interface Receipt extends TarballIdentity {
  readonly bytes: number
  /** Modification time in ms. */
  readonly changed: number
}

/**
 * Writes the receipt of a night's tarball. The receipt stays valid if the file is renamed later.
 * @param path current path of the tarball
 * @param listed revision in the listing; undefined if the night is not listed
 * @param md5 MD5 of the tarball; computed if it is undefined
 * @param formerMd5 MD5 in the former receipt, if that was wrong
 */
export async function writeReceipt(
  paths: Paths,
  night: Night,
  path: string,
  listed: Revision | undefined,
  md5?: string,
  formerMd5?: string,
): Promise<TarballIdentity> {
  const stat = await statOptional(path)
  const identity = { md5: md5 ?? (await md5Of(path)), ...(listed && { listed }), ...(formerMd5 && { formerMd5 }) }
  const receipt: Receipt = { ...identity, bytes: stat?.size ?? 0, changed: stat?.mtimeMs ?? 0 }
  await writeAtomic(paths.receipt(night), `${JSON.stringify(receipt)}\n`)
  return identity
}

/**
 * Identity of a night's tarball from its receipt. If the receipt is missing or stale, computes the MD5 and writes a new
 * receipt, which takes half as long as inflating the tarball.
 */
export async function receiptOf(paths: Paths, night: Night, listed?: Revision): Promise<TarballIdentity> {
  return (await readReceipt(paths, night)) ?? writeReceipt(paths, night, paths.tarball(night), listed)
}

/**
 * Identity of a night's tarball, by an MD5 that is computed even if there is a receipt. A wrong receipt is replaced by
 * one that records its MD5, because that may be the only sign that the tarball has changed.
 */
export async function verifiedReceipt(paths: Paths, night: Night, listed?: Revision): Promise<TarballIdentity> {
  const tarball = paths.tarball(night)
  const receipt = await readReceipt(paths, night)
  if (!receipt) return writeReceipt(paths, night, tarball, listed)
  const md5 = await md5Of(tarball)
  return md5 === receipt.md5 ? receipt : writeReceipt(paths, night, tarball, receipt.listed ?? listed, md5, receipt.md5)
}

/**
 * Identity of a night's tarball from its receipt; undefined if there is none, or the tarball has changed since. A receipt
 * that cannot be read counts as missing. Writing a new one then reports the error.
 */
export async function readReceipt(paths: Paths, night: Night): Promise<TarballIdentity | undefined> {
  const receiptText = readOptional(paths.receipt(night)).catch(() => undefined)
  const [text, stat] = await Promise.all([receiptText, statOptional(paths.tarball(night))])
  const receipt = parseOptional<Receipt>(text)
  return stat && receipt?.bytes === stat.size && receipt.changed === stat.mtimeMs ? receipt : undefined
}
