// One of the tasks that LAUNCHER starts, on any host: converts its share of the nights of a run, over the cores that it
// has, and tells whoever started the run what became of each. That a night failed is no failure of the task: mpirun
// ends all tasks when one fails.

import { rankIn } from '../lib/cluster/rank.ts'
import { ClusterTask } from '../lib/cluster/task.ts'
import { Conversion } from '../lib/jobs/conversion.ts'
import '../lib/core/console.ts'
import { plural } from '../lib/core/units.ts'
import type { NightToConvert } from '../lib/jobs/convert-worker.ts'
import { readSettings } from '../lib/settings.ts'

const task = await ClusterTask.join<NightToConvert>(process.argv[2] ?? '', rankIn(process.env))
const settings = readSettings(task.plan.settings)
await task.begin(plural(settings.WORKERS, 'worker'))
const conversion = new Conversion(settings, end => task.report(end))
conversion.add(task.nights)
await conversion.end()
