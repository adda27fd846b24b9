import { md5Of, readIfThere, statIfThere, writeWhole } from './files.ts'
import type { Night } from './night.ts'
import type { Paths } from './paths.ts'

/** What a tarball's MD5 was found to be, good as long as the file's size and time of change stay the same. */
interface Receipt {
  readonly md5: string
  readonly bytes: number
  readonly changed: number
}

/** Records the MD5 of a night's tarball, which is at `path` for now; renaming it changes neither size nor time. */
export async function writeReceipt(paths: Paths, night: Night, md5: string, path: string): Promise<void> {
  const stat = await statIfThere(path)
  if (!stat) return
  const receipt: Receipt = { md5, bytes: stat.size, changed: stat.mtimeMs }
  await writeWhole(paths.receipt(night), `${JSON.stringify(receipt)}\n`)
}

/**
 * The MD5 of a night's tarball, in hex. Read from its receipt where there is one, since computing it takes half as long
 * as inflating the whole tarball.
 */
export async function md5OfTarball(paths: Paths, night: Night): Promise<string> {
  const known = await readReceipt(paths, night)
  if (known) return known
  const md5 = await md5Of(paths.tarball(night))
  await writeReceipt(paths, night, md5, paths.tarball(night))
  return md5
}

async function readReceipt(paths: Paths, night: Night): Promise<string | undefined> {
  const [text, stat] = await Promise.all([readIfThere(paths.receipt(night)), statIfThere(paths.tarball(night))])
  if (!text || !stat) return undefined
  const receipt = JSON.parse(text) as Receipt
  return receipt.bytes === stat.size && receipt.changed === stat.mtimeMs ? receipt.md5 : undefined
}
