import { clipped } from '../core/console.ts'
import { isDanglingLink } from '../core/errors.ts'
import { listNames, statOptional } from '../core/files.ts'
import { someOf } from '../core/units.ts'
import { LIMITS } from '../limits.ts'
import { parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import { onDisk } from './inventory.ts'

/** Names that a user may believe to be those of tarballs, such as `ztf_public_20200101 (1).tar.gz`. */
const LIKE_A_TARBALL = /ztf|\.(tar|tgz|gz)$/i
/** Unfinished downloads, and the files with their state. */
const DOWNLOAD = /\.part(\.|$)/

/**
 * Line that names what is in the folder of the tarballs and looks like a tarball, but is not read; undefined if all
 * tarballs are read.
 */
export async function ignoredTarballs(paths: Paths): Promise<string | undefined> {
  // List the names first, so that a tarball that arrives in between is among those that are read.
  const names = (await listNames(paths.tarballs))
    .filter(name => LIKE_A_TARBALL.test(name) && !DOWNLOAD.test(name))
    .sort()
  const read = new Set((await onDisk(paths, () => true)).map(({ name }) => name))
  const ignored: string[] = []
  for (const name of names.filter(name => !read.has(name))) {
    const reason = await reasonFor(paths, name)
    if (reason) ignored.push(`${clipped(name, LIMITS.shownNameLength)} (${reason})`)
  }
  return ignored.length > 0 ? `ignored in ${paths.tarballs}: ${someOf(ignored)}` : undefined
}

/** Reason why a name is not read as a tarball; undefined if it is gone. */
async function reasonFor(paths: Paths, name: string): Promise<string | undefined> {
  const night = parseNight(name)
  if (!night) return 'not the name of a night'
  if (isDanglingLink(paths.tarball(night))) return 'a link to a missing target'
  const stat = await statOptional(paths.tarball(night))
  return stat && (stat.isDirectory() ? 'a folder' : 'not a regular file')
}
