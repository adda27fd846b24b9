// Converts one night in a process of its own, and tells what became of it and the most memory that it held, in MB.
import { convertNight } from '../../lib/lake/convert.ts'
import { Paths } from '../../lib/paths.ts'
import { nightOf, SETTINGS } from '../support/data-folder.ts'

const [data = '', name = ''] = process.argv.slice(2)
const end = await convertNight(new Paths(data), nightOf(name), SETTINGS, undefined).then(
  ({ state, alerts, members, damaged }) => ({ state, alerts, members, damaged }),
  (error: Error) => ({ error: error.message }),
)
console.log(JSON.stringify({ ...end, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }))
