// Fetches the missing nights: make does it, as often as -j says, and what its processes say goes through here, so that
// one view shows all of them.
import { missing } from '../lib/lake/inventory.ts'
import { endWithParents, inView } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { Fetching } from '../lib/progress/fetching.ts'
import { Watch } from '../lib/progress/watch.ts'
import { readSettings } from '../lib/settings.ts'
import { jobsFlag, relayMake } from '../lib/shell.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
// Where there is no list yet, make says so.
const fetching = await Fetching.begin(paths, await missing(settings, paths).catch(() => []))
const watch = new Watch(paths.progress('download'), async () => [await fetching.look()])
process.exitCode = await relayMake(['download', ...jobsFlag()], inView())
await watch.end()
