// Converts one night in a separate process: `node --import tsx convert-child.ts DATA TARBALL`.
// Prints the main numbers of its manifest, or the error, and the peak memory in MB as JSON.
import { convertNight } from '../../lib/lake/convert.ts'
import { Paths } from '../../lib/paths.ts'
import { nightOf, SETTINGS } from './data-folder.ts'

const [data = '', name = ''] = process.argv.slice(2)
const result = await convertNight(new Paths(data), nightOf(name), SETTINGS, undefined).then(
  ({ state, alerts, members, damaged }) => ({ state, alerts, members, damaged }),
  (error: Error) => ({ error: error.message }),
)
console.log(JSON.stringify({ ...result, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }))
