import { diskOf } from './files.ts'
import { showBytes } from './units.ts'

/** What is to come into a folder. */
export interface Need {
  readonly folder: string
  readonly bytes: number
  /** What these bytes are, e.g. `are left to fetch`. */
  readonly what: string
}

/**
 * Makes sure that each disk can hold what is to come onto it; folders may share one.
 * @throws Error in one sentence, numbers in it, where a disk cannot
 */
export async function checkRoom(needs: readonly Need[]): Promise<void> {
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
