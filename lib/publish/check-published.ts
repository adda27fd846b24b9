import { print } from '../core/console.ts'
import { exists } from '../core/files.ts'
import { acquireLock, ignoreReadOnly, releaseLock } from '../core/lock.ts'
import { jobsOf, makeFlags } from '../core/make-flags.ts'
import type { Paths } from '../paths.ts'
import { ProgressDisplay } from '../progress/display.ts'
import type { Settings } from '../settings.ts'
import { PublishedCheck } from './published-check.ts'

/**
 * Checks the published lake AT, and prints the faults and the progress.
 * @throws Error if there are any faults
 */
export async function checkPublished(settings: Settings, paths: Paths): Promise<void> {
  const flags = makeFlags()
  const lock = paths.lock('publish')
  const hasData = await exists(paths.data)
  if (hasData)
    await acquireLock(lock, { folder: paths.data, what: 'make check AT=', onWait: print }).catch(ignoreReadOnly)
  const check = await PublishedCheck.begin(settings, flags.jobs.length > 0 ? jobsOf(flags) : settings.WORKERS)
  const display = new ProgressDisplay(paths.progress('publish'), async () => [await check.progress.poll()])
  const problems = await check.run()
  await display.end()
  releaseLock(lock)
  if (problems.length > 0)
    throw new Error(
      `${settings.AT} has ${problems.join(', ')}: make publish TO=${settings.AT} replaces what is damaged or missing` +
        (check.hasOrphans ? ', but does not delete orphans' : ''),
    )
}
