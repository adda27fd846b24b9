import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { TarReader } from '../../lib/alerts/tar.ts'
import { type Night, parseNight } from '../../lib/night.ts'

/** Optional folder next to the project with real alerts. Without it, the tests that need it are skipped. */
export const SHARED = join(import.meta.dirname, '../../../shared')
export const ARCHIVE = join(SHARED, 'archive')
export const TRUTH = join(SHARED, 'truth.csv.gz')

/** Reason to skip tests of real data; false if the data exists. */
export const NO_ARCHIVE = existsSync(TRUTH) ? false : 'no real alerts next to the project (../shared/archive)'

export async function realNights(): Promise<Night[]> {
  const names = (await readdir(ARCHIVE)).sort()
  return names.map(parseNight).filter(night => night !== undefined)
}

/** Every complete member of a night's tarball. */
export async function realPackets({ name }: Night): Promise<Buffer[]> {
  const file = await readFile(join(ARCHIVE, name))
  const gzipped = file.length > 1 && file.readUInt16BE() === 0x1f8b
  const tar = gzipped ? gunzipSync(file, { finishFlush: constants.Z_SYNC_FLUSH }) : file
  return [...new TarReader().push(tar)].map(({ bytes, start, size }) => bytes.subarray(start, start + size))
}
