// One of the tasks that LAUNCHER starts, on any host: converts its share of the nights of a run, over the cores that it
// has, and tells whoever started the run what became of each. That a night failed is no failure of the task: mpirun
// ends all tasks when one fails.

import { Member } from '../lib/cluster/member.ts'
import { rankIn } from '../lib/cluster/rank.ts'
import { Conversion } from '../lib/work/conversion.ts'
import '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural } from '../lib/units.ts'
import type { NightToConvert } from '../lib/work/worker.ts'

const member = await Member.join<NightToConvert>(process.argv[2] ?? '', rankIn(process.env))
const settings = readSettings(member.plan.settings)
await member.begin(plural(settings.WORKERS, 'worker'))
const conversion = new Conversion(settings, end => member.tell(end))
conversion.add(member.nights)
await conversion.end()
