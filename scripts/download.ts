// Fetches the missing nights: make does it, as often as -j says, and what its processes say goes through here, so that
// one view shows all of them.

import { exitWithParent, inView } from '../lib/core/process.ts'
import { jobsFlag, relayMake } from '../lib/core/shell.ts'
import { nightsToDownload } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { DownloadProgress } from '../lib/progress/downloads.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
const settings = readSettings()
const paths = new Paths(settings.DATA)
// Where there is no list yet, make says so.
const fetching = await DownloadProgress.begin(paths, await nightsToDownload(settings, paths).catch(() => []))
const watch = new ProgressDisplay(paths.progress('download'), async () => [await fetching.poll()])
process.exitCode = await relayMake(['download', ...jobsFlag()], inView())
await watch.end()
