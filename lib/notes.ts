import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readIfThere, remove } from './files.ts'

/**
 * Notes that a process leaves for others to look at while it runs, once a second. They are seen whole, but nobody waits
 * for the disk, and where they cannot be written nothing is lost.
 */
export function writeNote(path: string, note: object): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.part`, JSON.stringify(note))
    renameSync(`${path}.part`, path)
  } catch {
    // What is wrong with the disk is for the work itself to tell.
  }
}

export async function readNote<T>(path: string): Promise<T | undefined> {
  const text = await readIfThere(path).catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

export async function removeNote(path: string): Promise<void> {
  await remove(path)
  await remove(`${path}.part`)
}
