import { mkdir, rename } from 'node:fs/promises'
import { fetchWhole } from './aria2.ts'
import { editionOf } from './edition.ts'
import { inTheWay } from './faults.ts'
import { isTaken, remove, statIfThere } from './files.ts'
import type { Listed } from './listing.ts'
import { type Night, parseNight } from './night.ts'
import type { Paths } from './paths.ts'
import { readReceipt, writeReceipt } from './receipts.ts'

/**
 * Fetches one night's tarball, which has its final name only once it is whole.
 * @returns its bytes
 * @throws Error in half a sentence; what has come so far stays for the next run
 */
export async function fetchNight(paths: Paths, listed: Listed, connections: number): Promise<number> {
  const night = parseNight(listed.name) as Night
  const obstacle = inTheWay(paths.tarball(night))
  if (obstacle) throw new Error(obstacle)
  if ((await isTaken(paths.tarball(night))) && !(await readReceipt(paths, night)))
    throw new Error(`${paths.tarball(night)} is there already: delete it, and run it again`)
  await mkdir(paths.tarballs, { recursive: true })
  const part = paths.part(night)
  await fetchWhole({ url: listed.url, part, md5: listed.md5, connections })
  // What the archive has published again goes first: until the end the night is then seen to be missing.
  await remove(paths.tarball(night))
  await writeReceipt(paths, night, part, editionOf(listed), listed.md5 || undefined)
  const bytes = (await statIfThere(part))?.size ?? 0
  // Last of all: a conversion beside this may take the tarball at once, and remove it.
  await rename(part, paths.tarball(night))
  return bytes
}

/** Bytes still to come of the tarballs, counting what earlier runs left of them. */
export async function bytesToFetch(paths: Paths, nights: readonly Listed[]): Promise<number> {
  const parts = await Promise.all(nights.map(({ name }) => statIfThere(paths.part(parseNight(name) as Night))))
  return nights.reduce((sum, { bytes }, i) => sum + Math.max(0, bytes - (parts[i]?.size ?? 0)), 0)
}
