import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { listNames, remove } from '../core/files.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'

/**
 * Makes the folder in which a night's files are written until all of them are checked, and removes what earlier
 * attempts at the night left. Its name is its own: a process of a killed run that still writes must not spoil what
 * follows.
 */
export async function createStaging(paths: Paths, night: Night): Promise<string> {
  const prefix = `${night.stem}.`
  const former = (await listNames(paths.staging)).filter(name => name.startsWith(prefix))
  for (const name of former) await remove(join(paths.staging, name))
  const folder = join(paths.staging, prefix + randomUUID())
  await mkdir(folder, { recursive: true })
  return folder
}

/** Removes what killed runs left half built, of nights too whose tarballs have gone; only for the lake's holder. */
export async function clearStaging(paths: Paths): Promise<void> {
  await remove(paths.staging)
}
