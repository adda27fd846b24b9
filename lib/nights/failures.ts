import { basename } from 'node:path'
import { glob, readOptional, remove, writeAtomic } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/**
 * Records why a night was not fetched or not converted, for the end of the run and `make status`. Where the disk is
 * full the reason is said all the same, and only the record is missing.
 */
export async function recordFailure(paths: Paths, night: Night, reason: string): Promise<void> {
  await writeAtomic(paths.failure(night), `${reason}\n`).catch(() => {})
}

export async function forgetFailure(paths: Paths, night: Night): Promise<void> {
  await remove(paths.failure(night))
  // What a run that was killed has left of one.
  await remove(`${paths.failure(night)}.part`)
}

/** Forgets the failures of all selected nights: what a run then finds is its own. */
export async function forgetFailures(paths: Paths, selection: Selection): Promise<void> {
  const nights = (await glob(paths.failed, '*.txt')).flatMap(name => nightOfStem(basename(name, '.txt')) ?? [])
  for (const night of nights) if (selection(night.date)) await forgetFailure(paths, night)
}

/** Why the night failed when it was last tried; undefined where it did not. */
export async function readFailure(paths: Paths, night: Night): Promise<string | undefined> {
  return (await readOptional(paths.failure(night)))?.trim()
}
