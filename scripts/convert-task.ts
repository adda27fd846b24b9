// Task started by LAUNCHER. Converts its share of the nights in parallel and reports each result. Exits with 0 even if
// a night fails, because mpirun kills all tasks when one fails.
import { rankIn } from '../lib/cluster/rank.ts'
import { ClusterTask } from '../lib/cluster/task.ts'
import { Conversion } from '../lib/jobs/conversion.ts'
import { readSettings } from '../lib/settings.ts'

const task = await ClusterTask.join(process.argv[2] ?? '', rankIn(process.env))
const settings = readSettings(task.plan.settings, {})
await task.begin(settings.WORKERS)
const conversion = new Conversion(settings, result => task.report(result))
conversion.add(task.nights)
await conversion.end()
