import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { leadsNowhere, systemError } from './faults.ts'
import { statIfThere, tryToWrite } from './files.ts'
import type { Paths } from './paths.ts'

/**
 * Makes sure, before anything starts, that a folder of the data can be written: what is wrong is told once, not once a
 * night. Where a disk is not mounted nothing is made in its place.
 *
 * @param folder that of the tarballs, or of the lake
 * @throws Error in one sentence, or of the system
 */
export async function checkPlace({ data }: Paths, folder: string): Promise<void> {
  for (const path of [data, folder])
    if (leadsNowhere(path)) throw new Error(`${path} is a link that leads nowhere: is its disk mounted?`)
  const around = dirname(resolve(data))
  if (!(await statIfThere(around)))
    throw new Error(`DATA is ${data}, and there is no folder ${around}: is its disk mounted?`)
  // One by one: Node's way to make several at once reports a read-only disk as a folder that is not there.
  for (const path of [data, folder]) if (!(await statIfThere(path))) await mkdir(path)
  await tryToWrite(folder)
}

/**
 * Makes sure that there is a lake to be looked at: of one whose disk is not mounted all would be as recorded.
 * @throws Error in one sentence where there is none
 */
export async function expectLake({ lake }: Paths): Promise<void> {
  if (!(await statIfThere(lake))) throw systemError('ENOENT', lake)
}
