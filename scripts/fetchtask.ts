// One of the tasks that LAUNCHER starts, on any host, to fetch its share of the nights of a run: by a make of its own.
import { join } from 'node:path'
import { rankIn } from '../lib/cluster/rank.ts'
import { RunTask } from '../lib/cluster/runtask.ts'
import { inRun } from '../lib/parents.ts'
import { say } from '../lib/report.ts'
import { make } from '../lib/shell.ts'

process.chdir(join(import.meta.dirname, '..'))
const [folder = '', ...flags] = process.argv.slice(2)
const task = await RunTask.join(folder, rankIn(process.env))
const { plan, nights } = task
await task.begin(flags.join(' ') || 'one at a time')
const dates = nights.map(({ stem }) => stem)
const env = { ...plan.settings, ...inRun(plan.id), LAUNCHER: '', NIGHTS: dates.join() }
// Who started the run looks which tarballs are there: a make that failed has said why.
if (nights.length > 0)
  await make(['download', '--keep-going', ...flags], env).catch(({ message }: Error) => say(message))
for (const stem of dates) await task.tell({ stem, line: '' })
