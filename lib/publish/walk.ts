import { mapLimit } from '../core/files.ts'
import type { RemoteFile } from './target.ts'

/** A file or folder at a target. */
export interface Entry extends RemoteFile {
  readonly isFolder: boolean
}

/**
 * All files below a folder, found level by level, so that at most 16 folders are listed at a time.
 * @param entriesOf lists a folder; empty if it does not exist
 */
export async function walk(folder: string, entriesOf: (folder: string) => Promise<Entry[]>): Promise<RemoteFile[]> {
  const files: RemoteFile[] = []
  let folders = [folder]
  while (folders.length > 0) {
    const entries = (await mapLimit(folders, entriesOf)).flat()
    for (const { path, bytes, isFolder } of entries) if (!isFolder) files.push({ path, bytes })
    folders = entries.filter(({ isFolder }) => isFolder).map(({ path }) => path)
  }
  return files
}

/** Path of an entry of a folder; the folder is empty for the target itself. */
export function pathIn(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name
}
