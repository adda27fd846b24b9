import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Paths } from '../paths.ts'
import { errnoError, isDanglingLink } from './errors.ts'
import { assertWritable, diskOf, statOptional } from './files.ts'
import { showBytes } from './units.ts'

/** What is to come into a folder. */
export interface SpaceNeeded {
  readonly folder: string
  readonly bytes: number
  /** What these bytes are, e.g. `are left to fetch`. */
  readonly what: string
}

/**
 * Makes sure that each disk can hold what is to come onto it; folders may share one.
 * @throws Error in one sentence, numbers in it, where a disk cannot
 */
export async function checkDiskSpace(needs: readonly SpaceNeeded[]): Promise<void> {
  const placed = await Promise.all(needs.map(async need => ({ ...need, ...(await diskOf(need.folder)) })))
  for (const { disk, free, folder } of placed) {
    const own = placed.filter(need => need.disk === disk)
    const bytes = own.reduce((sum, need) => sum + need.bytes, 0)
    if (bytes <= free) continue
    const list = own.map(need => `${showBytes(need.bytes)} ${need.what}`).join(', ')
    throw new Error(
      `${list}, and the disk of ${folder} has ${showBytes(free)} free, ${showBytes(bytes - free)} too few: ` +
        'choose fewer with NIGHTS=, or another disk with DATA=',
    )
  }
}

/**
 * Makes sure, before anything starts, that a folder of the data can be written: what is wrong is told once, not once a
 * night. Where a disk is not mounted nothing is made in its place.
 *
 * @param folder that of the tarballs, or of the lake
 * @throws Error in one sentence, or of the system
 */
export async function ensureWritable({ data }: Paths, folder: string): Promise<void> {
  for (const path of [data, folder])
    if (isDanglingLink(path)) throw new Error(`${path} is a link that leads nowhere: is its disk mounted?`)
  const around = dirname(resolve(data))
  if (!(await statOptional(around)))
    throw new Error(`DATA is ${data}, and there is no folder ${around}: is its disk mounted?`)
  // One by one: Node's way to make several at once reports a read-only disk as a folder that is not there.
  for (const path of [data, folder]) if (!(await statOptional(path))) await mkdir(path)
  await assertWritable(folder)
}

/**
 * Makes sure that there is a lake to be looked at: of one whose disk is not mounted all would be as recorded.
 * @throws Error in one sentence where there is none
 */
export async function requireLake({ lake }: Paths): Promise<void> {
  if (!(await statOptional(lake))) throw errnoError('ENOENT', lake)
}
