import { readIfThere, remove, writeWhole } from './files.ts'
import type { Night } from './night.ts'
import type { Paths } from './paths.ts'

/** Records why a night was not fetched or not converted, for the end of the run and `make status`. */
export async function recordFailure(paths: Paths, night: Night, reason: string): Promise<void> {
  await writeWhole(paths.failure(night), `${reason}\n`)
}

export async function forgetFailure(paths: Paths, night: Night): Promise<void> {
  await remove(paths.failure(night))
}

/** Why the night failed when it was last tried; undefined where it did not. */
export async function readFailure(paths: Paths, night: Night): Promise<string | undefined> {
  return (await readIfThere(paths.failure(night)))?.trim()
}
