import { basename } from 'node:path'
import { clipped } from '../core/console.ts'
import { exists, glob, readOptional, remove, writeAtomic } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/** Maximum length of a reason, which a damaged file may exceed. */
const MAX_LENGTH = 1000

/**
 * Records why a night failed. Write errors are ignored, because the reason is also printed. If the data folder has been
 * moved away, it is not created again.
 */
export async function recordFailure(paths: Paths, night: Night, reason: string): Promise<void> {
  if (await exists(paths.data)) await writeAtomic(paths.failure(night), `${reason}\n`).catch(() => {})
}

export async function forgetFailure(paths: Paths, night: Night): Promise<void> {
  await remove(paths.failure(night))
  // A killed run may have left a temporary file.
  await remove(`${paths.failure(night)}.part`)
}

/** Deletes the recorded failures of the selected nights, so that later records are from the current run. */
export async function forgetFailures(paths: Paths, selection: Selection): Promise<void> {
  const nights = (await glob(paths.failed, '*.txt')).flatMap(name => nightOfStem(basename(name, '.txt')) ?? [])
  for (const night of nights) if (selection(night.date)) await forgetFailure(paths, night)
}

/** Reason why a night was not downloaded or converted; undefined if no failure is recorded. */
export async function readFailure(paths: Paths, night: Night): Promise<string | undefined> {
  const reason = await readOptional(paths.failure(night))
  return reason && clipped(reason.trim(), MAX_LENGTH)
}
