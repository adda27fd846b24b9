// Downloads the listed nights that are missing or outdated, as many in parallel as make's -j allows.
import { print } from '../lib/core/console.ts'
import { makeFlags } from '../lib/core/make-flags.ts'
import { plural } from '../lib/core/units.ts'
import { mayDownload } from '../lib/jobs/consent.ts'
import { downloadMissing } from '../lib/jobs/download-run.ts'
import { onDisk, planDownload } from '../lib/nights/inventory.ts'
import { DownloadProgress } from '../lib/progress/downloads.ts'
import { adviseOnInterrupt, showPreview, startCommand } from './command.ts'

const { settings, paths } = startCommand()
const flags = makeFlags()
const plan = await planDownload(settings, paths)
const { missing } = plan
showPreview(
  flags,
  missing.map(({ name }) => `fetch ${name}`),
)

if (!(await mayDownload(settings, paths, plan, false))) {
  print('nothing was downloaded: select nights with NIGHTS=')
  process.exit()
}
adviseOnInterrupt('make download')
const progress = await DownloadProgress.begin(paths, missing)
const request = { command: 'make download', jobs: flags.jobs, progress } as const
const problems = await downloadMissing(settings, paths, plan, request)
if (problems.length > 0) throw new Error(problems.join('; '))
if (missing.length === 0)
  print(`nothing to download: ${plan.empty ?? 'every selected night is on disk or in the lake'}`)
else print(`${plural(missing.length, 'night')} fetched, ${(await onDisk(paths, settings.NIGHTS)).length} on disk`)
