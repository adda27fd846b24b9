// Brings the index up to date. First writes the candidates files of nights that have none, e.g. because an earlier version
// converted them.
import { print } from '../lib/core/console.ts'
import { ensureWritable, requireLake } from '../lib/core/disk.ts'
import { exists, filterLimit } from '../lib/core/files.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { plural } from '../lib/core/units.ts'
import { isCurrent, planIndex } from '../lib/index/plan.ts'
import { updateIndex } from '../lib/index/update.ts'
import { addMissingCandidates } from '../lib/jobs/candidates-run.ts'
import { removeStaging } from '../lib/lake/publish.ts'
import { adviseOnInterrupt, startCommand } from './command.ts'

const { settings, paths } = startCommand()
adviseOnInterrupt('make index')
await requireLake(paths.lake)
await ensureWritable(paths.data, paths.index)
await acquireLock(paths.lock('lake'), { folder: paths.lake, what: 'make index', onWait: print })
await removeStaging(paths)
const plan = await planIndex(paths)
// Also those that were deleted, which looking for in other commands would take time.
const deleted = await filterLimit(
  plan.nights,
  async ({ night, summary }) => summary.candidates !== undefined && !(await exists(paths.candidatesFile(night))),
)
const toAdd = [...plan.withoutCandidates, ...deleted]
const failed = await addMissingCandidates(settings, toAdd)
const problems = await updateIndex(paths, settings.WORKERS)
releaseLock(paths.lock('lake'))
if (isCurrent(plan) && toAdd.length === 0)
  print(`nothing to index: ${paths.index} is up to date with ${plural(plan.nights.length, 'night')}`)
if (failed.length > 0)
  problems.push(`${plural(failed.length, 'night')} failed (${failed.join(', ')}): make check finds the cause`)
if (problems.length > 0) throw new Error(problems.join('; '))
