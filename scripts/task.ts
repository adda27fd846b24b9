// One of the tasks that LAUNCHER starts, on any host: converts its share of the nights of a run, over the cores that it
// has, and tells whoever started the run what became of each. That a night failed is no failure of the task: mpirun
// ends all tasks when one fails.

import { rankIn } from '../lib/cluster/rank.ts'
import { RunTask } from '../lib/cluster/runtask.ts'
import { Conversion } from '../lib/work/conversion.ts'
import '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'
import type { NightToConvert } from '../lib/work/worker.ts'

const task = await RunTask.join<NightToConvert>(process.argv[2] ?? '', rankIn(process.env))
const settings = readSettings(task.plan.settings)
await task.begin(plural(settings.WORKERS, 'worker'))
const conversion = new Conversion(settings, end => task.tell(end))
conversion.add(task.nights)
await conversion.end()
