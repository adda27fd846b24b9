import { renameSync, writeFileSync } from 'node:fs'
import { readIfThere, remove } from '../files.ts'

/**
 * Notes that a process leaves for others to look at while it runs, once a second. They are seen whole, but nobody waits
 * for the disk, and where they cannot be written nothing is lost. No folder is made
 * for them: whoever works there makes it.
 */
export function writeNote(path: string, note: object): void {
  try {
    writeFileSync(`${path}.part`, JSON.stringify(note))
    renameSync(`${path}.part`, path)
  } catch {
    // What is wrong with the disk is for the work itself to tell.
  }
}

/** A note; undefined where there is none, or none that can be read, as where the power failed. */
export async function readNote<T>(path: string): Promise<T | undefined> {
  return readIfThere(path)
    .then(text => text && JSON.parse(text))
    .catch(() => undefined)
}

export async function removeNote(path: string): Promise<void> {
  await remove(path)
  await remove(`${path}.part`)
}
