import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exists, listNames, move, remove } from '../core/files.ts'
import { isOwnFile, type Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { addCommonColumns } from './common-metadata.ts'
import { PART_SUFFIX } from './lake-files.ts'
import type { Manifest } from './manifest.ts'

/**
 * Removes a night's old staging folders and creates an empty one. The new folder has a unique name, because a process
 * from a killed run may still be writing to an old folder.
 */
export async function createStaging(paths: Paths, night: Night): Promise<string> {
  const prefix = `${night.stem}.`
  const former = (await listNames(paths.staging)).filter(name => name.startsWith(prefix))
  for (const name of former) await remove(join(paths.staging, name))
  const folder = join(paths.staging, prefix + randomUUID())
  await mkdir(folder, { recursive: true })
  return folder
}

/** Whether interrupted conversions left anything in staging folders. */
export async function hasStaging(paths: Paths): Promise<boolean> {
  const names = await Promise.all(stagingFolders(paths).map(listNames))
  return names.flat().length > 0 || (await exists(paths.formerStaging))
}

/** Removes everything that interrupted conversions left in staging folders. Call only while holding the lake's lock. */
export async function removeStaging(paths: Paths): Promise<void> {
  for (const folder of stagingFolders(paths)) await remove(folder)
}

function stagingFolders(paths: Paths): string[] {
  return [paths.staging, paths.formerStaging, paths.candidatesStaging]
}

/**
 * Moves a night's finished files from its staging folder to its partition, under names that readers ignore. So a full
 * disk costs no file, even if the partition is a link to another disk. If one cannot be moved, removes the others. If the
 * partition has no files yet, leaves them in staging, because `publish` then moves the folder as a whole.
 */
export async function bringIn(
  paths: Paths,
  night: Night,
  folder: string,
  { files, newColumns }: Pick<Manifest, 'files' | 'newColumns'>,
): Promise<void> {
  const names = files.map(({ name }) => name)
  // The last file has all columns of the night.
  const last = names.at(-1)
  if (last && newColumns.length > 0) await addCommonColumns(paths, join(folder, last + PART_SUFFIX), folder)
  if ((await listNames(paths.partition(night))).length > 0) await moveIn(paths, night, folder, files)
}

async function moveIn(paths: Paths, night: Night, folder: string, files: Manifest['files']): Promise<void> {
  try {
    for (const { name } of files)
      await move(join(folder, name + PART_SUFFIX), join(paths.partition(night), hidden(name)))
  } catch (error) {
    await discard(paths, night, { files })
    throw error
  }
}

/**
 * Publishes a night's files. If its partition has no files yet, they appear at once. Otherwise, replaces the night's files
 * by those that were brought in. Removes and renames only files that carry the night's own name, because another process
 * may be publishing the date's other tarball in the same folder. Old files are removed before new ones get their names,
 * so that no alert appears twice.
 */
export async function publish(
  paths: Paths,
  night: Night,
  folder: string,
  { files }: Pick<Manifest, 'files'>,
): Promise<void> {
  const partition = paths.partition(night)
  const names = files.map(({ name }) => name)
  const isInStaging = names[0] !== undefined && (await exists(join(folder, names[0] + PART_SUFFIX)))
  if (isInStaging && (await publishFolder(folder, partition, names))) return
  if (isInStaging) await moveIn(paths, night, folder, files)
  const kept = new Set(names.flatMap(name => [name, hidden(name)]))
  const former = (await listNames(partition)).filter(name => isOwn(night, name) && !kept.has(name))
  for (const name of former) await remove(join(partition, name))
  for (const name of names) await rename(join(partition, hidden(name)), join(partition, name))
}

/**
 * Renames the staging folder to the partition, which replaces at most an empty folder.
 * @returns false if the partition has files by now, or is a link or on another disk; nothing is then changed
 */
async function publishFolder(folder: string, partition: string, names: readonly string[]): Promise<boolean> {
  await mkdir(dirname(partition), { recursive: true })
  for (const name of names) await rename(join(folder, name + PART_SUFFIX), join(folder, name))
  try {
    await rename(folder, partition)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EXDEV'].includes(code)) throw error
    for (const name of names) await rename(join(folder, name), join(folder, name + PART_SUFFIX))
    return false
  }
}

/** Removes files that were brought in but not published. */
export async function discard(paths: Paths, night: Night, { files }: Pick<Manifest, 'files'>): Promise<void> {
  for (const { name } of files) await remove(join(paths.partition(night), hidden(name)))
}

/** Spark and pyarrow ignore names that begin with `_`, and the globs of other readers names that end with `.part`. */
export function hidden(name: string): string {
  return `_${name}${PART_SUFFIX}`
}

/** The name of a file without what hides it. It may be hidden twice, because `move` hides it during a copy as well. */
export function shown(name: string): string {
  return name.replace(/^_+|(\.part)+$/g, '')
}

/** Whether a file belongs to this night. Includes hidden files of an interrupted publication. */
export function isOwn(night: Night, name: string): boolean {
  return isOwnFile(night, shown(name))
}
