import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exists, listNames, remove } from '../core/files.ts'
import { isOwnFile, type Night, siblingOf } from '../night.ts'
import type { Paths } from '../paths.ts'
import { addCommonColumns } from './common-metadata.ts'
import { PART_SUFFIX } from './lake-files.ts'
import type { LakeFile, Manifest } from './manifest.ts'

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
 * Moves a night's finished files from its staging folder to its partition, replacing its previous files. Files from
 * the date's other tarball stay.
 *
 * A partition with files from this night only is swapped as a whole, so readers see the old files, the new ones or,
 * between two renames, none. In a shared partition the old files are removed first, so that no alert appears twice.
 */
export async function publish(
  paths: Paths,
  night: Night,
  folder: string,
  { files, newColumns }: Pick<Manifest, 'files' | 'newColumns'>,
): Promise<void> {
  const partition = paths.partition(night)
  await mkdir(dirname(partition), { recursive: true })
  for (const { name } of files) await rename(join(folder, name + PART_SUFFIX), join(folder, name))
  // The last file has all columns of the night.
  const last = files.at(-1)
  if (last && newColumns.length > 0) await addCommonColumns(paths, join(folder, last.name), folder)
  if (await isShared(paths, night)) await replaceFiles(folder, partition, night, files)
  else await replacePartition(folder, partition, files.length === 0)
}

/** Returns true if the partition contains, or may soon contain, files from the date's other tarball. */
async function isShared(paths: Paths, night: Night): Promise<boolean> {
  const sibling = siblingOf(night)
  const found = await Promise.all([paths.tarball(sibling), paths.manifest(sibling)].map(exists))
  return found.includes(true) || (await listNames(paths.partition(night))).some(name => !isOwnFile(night, name))
}

async function replaceFiles(
  folder: string,
  partition: string,
  night: Night,
  files: readonly LakeFile[],
): Promise<void> {
  if (files.length > 0) await mkdir(partition, { recursive: true })
  const names = new Set(files.map(file => file.name))
  const former = (await listNames(partition)).filter(name => isOwnFile(night, name) && !names.has(name))
  for (const name of former) await remove(join(partition, name))
  for (const name of names) await rename(join(folder, name), join(partition, name))
}

async function replacePartition(folder: string, partition: string, isEmpty: boolean): Promise<void> {
  const former = `${folder}.former`
  const replaces = await exists(partition)
  if (replaces) await rename(partition, former)
  if (!isEmpty) await rename(folder, partition).catch(restore)
  await remove(former)

  async function restore(error: Error): Promise<never> {
    if (replaces) await rename(former, partition)
    throw error
  }
}
