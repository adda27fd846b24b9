import { basename } from 'node:path'
import { glob, readOptional, remove, writeAtomic } from '../core/files.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Selection } from '../selection.ts'

/**
 * Records why a night was not downloaded or converted, for the summary and `make status`. On a full disk only the record
 * is missing: the reason is printed anyway.
 */
export async function recordFailure(paths: Paths, night: Night, reason: string): Promise<void> {
  await writeAtomic(paths.failure(night), `${reason}\n`).catch(() => {})
}

export async function forgetFailure(paths: Paths, night: Night): Promise<void> {
  await remove(paths.failure(night))
  // A killed run may have left it.
  await remove(`${paths.failure(night)}.part`)
}

/** Forgets the failures of the selected nights, so that later ones are of the current run. */
export async function forgetFailures(paths: Paths, selection: Selection): Promise<void> {
  const nights = (await glob(paths.failed, '*.txt')).flatMap(name => nightOfStem(basename(name, '.txt')) ?? [])
  for (const night of nights) if (selection(night.date)) await forgetFailure(paths, night)
}

/** Why the last attempt at a night failed; undefined if it did not. */
export async function readFailure(paths: Paths, night: Night): Promise<string | undefined> {
  return (await readOptional(paths.failure(night)))?.trim()
}
