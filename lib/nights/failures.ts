import { basename } from 'node:path'
import { glob, readOptional, remove, writeAtomic } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/**
 * Records why a night was not downloaded or converted, for the summary and `make status`. If the disk is full, only the
 * record is lost: the reason is still printed.
 */
export async function recordFailure(paths: Paths, night: Night, reason: string): Promise<void> {
  await writeAtomic(paths.failure(night), `${reason}\n`).catch(() => {})
}

export async function forgetFailure(paths: Paths, night: Night): Promise<void> {
  await remove(paths.failure(night))
  // A killed run may have left its temporary file.
  await remove(`${paths.failure(night)}.part`)
}

/** Deletes the recorded failures of the selected nights, so that later records are from the current run. */
export async function forgetFailures(paths: Paths, selection: Selection): Promise<void> {
  const nights = (await glob(paths.failed, '*.txt')).flatMap(name => nightOfStem(basename(name, '.txt')) ?? [])
  for (const night of nights) if (selection(night.date)) await forgetFailure(paths, night)
}

/** Reason for the failure of the last attempt at a night; undefined if it did not fail. */
export async function readFailure(paths: Paths, night: Night): Promise<string | undefined> {
  return (await readOptional(paths.failure(night)))?.trim()
}
