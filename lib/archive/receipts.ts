import { md5Of, parseOptional, readOptional, statOptional, writeAtomic } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Revision, TarballIdentity } from './revision.ts'

/** What a tarball was found to be, good as long as the file's size and time of change stay the same. */
interface Receipt extends TarballIdentity {
  readonly bytes: number
  readonly changed: number
}

/**
 * Records what a night's tarball is, which is at `path` for now; renaming it changes neither size nor time.
 * @param listed how the archive lists the night; undefined where that is not known
 */
export async function writeReceipt(
  paths: Paths,
  night: Night,
  path: string,
  listed: Revision | undefined,
  md5?: string,
): Promise<TarballIdentity> {
  const stat = await statOptional(path)
  const known = { md5: md5 ?? (await md5Of(path)), ...(listed && { listed }) }
  const receipt: Receipt = { ...known, bytes: stat?.size ?? 0, changed: stat?.mtimeMs ?? 0 }
  await writeAtomic(paths.receipt(night), `${JSON.stringify(receipt)}\n`)
  return known
}

/**
 * What a night's tarball is: from its receipt where there is one, since computing the MD5 takes half as long as
 * inflating the whole tarball.
 */
export async function receiptOf(paths: Paths, night: Night, listed?: Revision): Promise<TarballIdentity> {
  return (await readReceipt(paths, night)) ?? writeReceipt(paths, night, paths.tarball(night), listed)
}

/** What a night's tarball is known to be; undefined where nobody has looked yet, or it has changed since. */
export async function readReceipt(paths: Paths, night: Night): Promise<TarballIdentity | undefined> {
  const [text, stat] = await Promise.all([readOptional(paths.receipt(night)), statOptional(paths.tarball(night))])
  if (!text || !stat) return undefined
  const receipt = parseOptional<Receipt>(text)
  return receipt?.bytes === stat.size && receipt.changed === stat.mtimeMs ? receipt : undefined
}
