import { rmdir, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listNames, mapLimit, remove, syncToDisk } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import { type Manifest, readManifest, seal, writeManifest } from './manifest.ts'
import { isMoved } from './moved.ts'
import { isOwn } from './publish.ts'
import { type NightSummary, readSummaries } from './summaries.ts'

// A night is moved away once it has been published and verified at its target. Its manifest, which then has the target's
// address, its candidates file and its part of the index stay, so that it still counts as converted.

/**
 * Removes a night's Parquet files from the lake, after recording in its manifest that they are at `address`. If the process
 * dies in between, `finishMoves` removes the rest. Call only while holding the lake's lock.
 *
 * Its partition stays, even if it is empty, because another process may be about to publish the date's other tarball in it.
 *
 * @param manifest the manifest with which the night was published
 * @throws Error if the night has another manifest by now, or no candidates file, which can only be made from its files
 */
export async function moveAway(paths: Paths, night: Night, manifest: Manifest, address: string): Promise<void> {
  const current = await readManifest(paths, night)
  if (!current || seal(current) !== seal(manifest))
    throw new Error(`${paths.manifest(night)} has changed since the night was published: run make publish again`)
  if (manifest.alerts > 0 && !manifest.candidates)
    throw new Error(
      `${paths.manifest(night)} has no candidates file, which is made from the night's files: ` +
        'run make index, then make publish again',
    )
  // Keep the manifest's time, which is that of the conversion.
  const { atime, mtime } = await stat(paths.manifest(night))
  await writeManifest(paths, night, { ...manifest, movedTo: address })
  await utimes(paths.manifest(night), atime, mtime)
  // A manifest that is lost with the power must not leave a night without files.
  await syncToDisk(paths.manifests)
  await removeFiles(paths, night)
}

/**
 * Removes what interrupted moves have left: files of nights that have been moved, and empty partitions. Call only while
 * holding the lake's lock, and while no night is converted.
 */
export async function finishMoves(paths: Paths): Promise<void> {
  const nights = (await listNames(paths.manifests)).flatMap(name => nightOfStem(name.replace(/\.json$/, '')) ?? [])
  const summaries = await readSummaries(paths, nights)
  const moved = nights.filter((_, i) => hasMoved(summaries[i]))
  await mapLimit(moved, night => removeFiles(paths, night))
  for (const night of moved) await removeEmptyPartition(paths, night)
}

function hasMoved(summary: NightSummary | Error | undefined): boolean {
  return summary !== undefined && !(summary instanceof Error) && isMoved({ summary })
}

/** Removes the night's own files, also hidden ones, but not those of the date's other tarball. */
async function removeFiles(paths: Paths, night: Night): Promise<void> {
  const partition = paths.partition(night)
  for (const name of await listNames(partition)) if (isOwn(night, name)) await remove(join(partition, name))
}

/** Removes the folders of the day, the month and the year, as far as they are empty. */
async function removeEmptyPartition(paths: Paths, night: Night): Promise<void> {
  for (let folder = paths.partition(night); folder !== paths.lake; folder = dirname(folder))
    if (!(await removeIfEmpty(folder))) return
}

/** Returns false if the folder has entries, or cannot be removed, e.g. because it is a link or a mounted disk. */
async function removeIfEmpty(folder: string): Promise<boolean> {
  return rmdir(folder).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  )
}
