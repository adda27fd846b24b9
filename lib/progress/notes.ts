import { renameSync, writeFileSync } from 'node:fs'
import { parseOptional, readOptional, remove } from '../core/files.ts'
import { lockHolder } from '../core/lock.ts'
import { POLL_INTERVAL_MS } from '../core/process.ts'
import type { ConversionProgress } from '../lake/tarball-reader.ts'
import type { Night } from '../night.ts'
import type { LockName, Paths } from '../paths.ts'
import { progressLines, type StageProgress } from './model.ts'

/** Writes progress to a small file for other processes. The file is not synced to disk, and errors are ignored. */
export function writeNote(path: string, note: object): void {
  try {
    writeFileSync(`${path}.part`, JSON.stringify(note))
    renameSync(`${path}.part`, path)
  } catch {
    // Ignore the error, because the work itself fails if the disk has a problem.
  }
}

export async function removeNote(path: string): Promise<void> {
  await remove(path)
  await remove(`${path}.part`)
}

/** Reads a note; returns undefined if there is none or it is corrupt, e.g. after a power failure. */
async function readNote<T>(path: string): Promise<T | undefined> {
  return parseOptional(await readOptional(path).catch(() => undefined))
}

/** Runs the conversion of a night, and writes its progress to a note once a second. */
export async function withProgressNote<T>(
  paths: Paths,
  night: Night,
  work: (progress: ConversionProgress) => Promise<T>,
): Promise<T> {
  const progress = { read: 0, alerts: 0 }
  const timer = setInterval(() => writeNote(paths.conversionProgress(night), progress), POLL_INTERVAL_MS)
  try {
    return await work(progress)
  } finally {
    clearInterval(timer)
    await removeNote(paths.conversionProgress(night))
  }
}

export async function readConversionProgress(paths: Paths, night: Night): Promise<ConversionProgress | undefined> {
  return readNote(paths.conversionProgress(night))
}

/** Lines about running commands, with their process, start time and progress. */
export async function activeRuns(paths: Paths): Promise<string[]> {
  const runs = await Promise.all((['download', 'lake', 'publish'] as const).map(lock => activeRun(paths, lock)))
  return runs.flat()
}

async function activeRun(paths: Paths, lock: LockName): Promise<string[]> {
  const holder = await lockHolder(paths.lock(lock))
  if (!holder) return []
  const { what, pid, host, since } = holder
  const stages = (await readNote<StageProgress[]>(paths.progress(lock))) ?? []
  return [`${what} is at work since ${since} (process ${pid} on ${host})`, ...progressLines(stages)]
}
