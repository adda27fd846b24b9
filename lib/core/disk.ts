import { stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { addPath, isDanglingLink } from './errors.ts'
import { makeFolder, remove, removeLeftover, statOptional } from './files.ts'
import { showBytes } from './units.ts'

export interface SpaceNeeded {
  readonly folder: string
  readonly bytes: number
  /** Completes `1.2 GiB ...` in the error message, e.g. `are left to fetch`. */
  readonly what: string
}

/** Throws if a disk has too little free space. Needs on the same disk are added up. */
export async function checkDiskSpace(needs: readonly SpaceNeeded[]): Promise<void> {
  const located = await Promise.all(needs.map(async need => ({ ...need, ...(await diskOf(need.folder)) })))
  for (const { disk, free, folder } of located) {
    const onDisk = located.filter(need => need.disk === disk)
    const bytes = onDisk.reduce((sum, need) => sum + need.bytes, 0)
    if (bytes <= free) continue
    const list = onDisk.map(need => `${showBytes(need.bytes)} ${need.what}`).join(', ')
    throw new Error(
      `${list}, but the disk of ${folder} has only ${showBytes(free)} free, ${showBytes(bytes - free)} too little: ` +
        'select fewer nights with NIGHTS=, or another disk with DATA=',
    )
  }
}

/**
 * Creates a folder in the data folder if it is missing, and checks that it is writable. Runs call this first, so that a
 * problem is reported once and not once per night.
 *
 * Throws if the data folder's parent is missing, because its disk is probably not mounted.
 */
export async function ensureWritable(data: string, folder: string): Promise<void> {
  for (const path of [data, folder])
    if (isDanglingLink(path)) throw new Error(`${path} is a link to a missing target: is its disk mounted?`)
  const parent = dirname(resolve(data))
  if (!(await statOptional(parent)))
    throw new Error(`DATA is ${data}, but the folder ${parent} does not exist: is its disk mounted?`)
  await makeFolder(folder)
  await assertWritable(folder)
}

/** Throws if the lake's folder is missing, because an unmounted disk would look like the loss of all nights. */
export async function requireLake(lake: string): Promise<void> {
  await stat(lake).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || isDanglingLink(lake)) throw error
    throw new Error(`${lake} does not exist: run make lake first, or mount its disk`)
  })
}

/** Device id and free bytes of a folder's disk. If the folder is missing, uses its nearest existing parent. */
export async function diskOf(folder: string): Promise<{ disk: number; free: number }> {
  const folderStat = await statOptional(folder)
  if (!folderStat) return diskOf(dirname(resolve(folder)))
  const { bavail, bsize } = await statfs(folder)
  return { disk: folderStat.dev, free: bavail * bsize }
}

/** Checks that a folder is writable, by creating and deleting a small file. */
export async function assertWritable(folder: string): Promise<void> {
  const probe = join(folder, '.trial.part')
  await removeLeftover(probe)
    .then(() => writeFile(probe, 'x'))
    .catch(addPath(folder))
    .finally(() => remove(probe))
}
