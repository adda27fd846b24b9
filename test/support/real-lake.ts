import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { convertNight } from '../../lib/lake/convert.ts'
import type { Paths } from '../../lib/paths.ts'
import { SETTINGS } from './data-folder.ts'
import { ARCHIVE, realNights } from './shared.ts'

/** Converts all nights of the folder of real alerts. */
export async function realLake(paths: Paths): Promise<void> {
  for (const night of await realNights()) {
    await symlink(join(ARCHIVE, night.name), paths.tarball(night))
    await convertNight(paths, night, SETTINGS, undefined)
  }
}
