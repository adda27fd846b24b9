import { existsSync } from 'node:fs'
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { TestContext } from 'node:test'

/** Creates a folder that is removed after the test. */
export async function temporaryFolder(t: TestContext, parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'ztf-lake-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** Creates a folder in memory, if the system has such, that is removed after the test. */
export async function folderInMemory(t: TestContext): Promise<string> {
  return temporaryFolder(t, existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
}

/** Inode, size and modification time of every file below a folder: equal if no file was written. */
export async function snapshot(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const entries = await readdir(folder, { recursive: true }).catch(() => [])
  for (const path of entries.sort()) {
    const stat = await lstat(join(folder, path), { bigint: true })
    if (!stat.isDirectory()) files.set(path, `${stat.ino} ${stat.size} ${stat.mtimeNs}`)
  }
  return files
}

/** Sorted paths of all files below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort()
}
