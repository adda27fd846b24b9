import { renameSync, writeFileSync } from 'node:fs'
import { readOptional, remove } from '../core/files.ts'
import { lockHolder } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import type { Night } from '../night.ts'
import type { Paths } from '../paths.ts'
import { progressLines, type StageProgress } from './model.ts'

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
  return readOptional(path)
    .then(text => text && JSON.parse(text))
    .catch(() => undefined)
}

export async function removeNote(path: string): Promise<void> {
  await remove(path)
  await remove(`${path}.part`)
}

/** How far a night's conversion is. */
export interface ConversionProgress {
  /** Bytes of tarball that were read. */
  read: number
  /** Alerts in the lake's files or about to be. */
  alerts: number
}

/** Converts a night, and has a note tell meanwhile how far that is; what is done within a second needs none. */
export async function withProgressNote<T>(
  paths: Paths,
  night: Night,
  work: (gauge: ConversionProgress) => Promise<T>,
): Promise<T> {
  const gauge = { read: 0, alerts: 0 }
  const timer = setInterval(() => writeNote(paths.conversionProgress(night), gauge), POLL_INTERVAL_MS)
  try {
    return await work(gauge)
  } finally {
    clearInterval(timer)
    await removeNote(paths.conversionProgress(night))
  }
}

export async function readConversionProgress(paths: Paths, night: Night): Promise<ConversionProgress | undefined> {
  return readNote(paths.conversionProgress(night))
}

/** Who is at work on the tarballs and on the lake, and how far that is; none where nobody is. */
export async function activeRuns(paths: Paths): Promise<string[]> {
  const told = await Promise.all((['download', 'lake'] as const).map(what => tellOf(paths, what)))
  return told.flat()
}

async function tellOf(paths: Paths, lock: 'download' | 'lake'): Promise<string[]> {
  const holder = await lockHolder(paths.lock(lock))
  if (!holder) return []
  const { what, pid, host, since } = holder
  const sides = (await readNote<StageProgress[]>(paths.progress(lock))) ?? []
  return [`${what} is at work since ${since} (process ${pid} on ${host})`, ...progressLines(sides)]
}
