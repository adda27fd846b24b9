// Lists, fetches and converts: each night is converted as soon as it has landed, while others are fetched.
// What fails stops nothing else; the end names it, and the exit status tells.
import { setTimeout as sleep } from 'node:timers/promises'
import { readListingFile } from '../lib/archive/listing-file.ts'
import { print } from '../lib/core/console.ts'
import { ensureWritable } from '../lib/core/disk.ts'
import { acquireLock, releaseLock } from '../lib/core/lock.ts'
import { besideThis, exitWithParent, POLL_INTERVAL_MS } from '../lib/core/process.ts'
import { jobsFlag, make, relayMake } from '../lib/core/shell.ts'
import { plural } from '../lib/core/units.ts'
import { Conversion } from '../lib/jobs/conversion.ts'
import { conversionsOf } from '../lib/jobs/queue.ts'
import { type NightResult, Summary } from '../lib/jobs/summary.ts'
import { updateCommonMetadata } from '../lib/lake/common-metadata.ts'
import { readManifests } from '../lib/lake/manifest.ts'
import { clearStaging } from '../lib/lake/publish.ts'
import type { Night } from '../lib/night.ts'
import { forgetFailures } from '../lib/nights/failures.ts'
import { current, nightsToConvert, nightsToDownload, removableTarballs } from '../lib/nights/inventory.ts'
import { Paths } from '../lib/paths.ts'
import { ProgressDisplay } from '../lib/progress/display.ts'
import { DownloadProgress } from '../lib/progress/downloads.ts'
import { NightsProgress } from '../lib/progress/nights.ts'
import { readSettings } from '../lib/settings.ts'

exitWithParent()
const settings = readSettings()
const paths = new Paths(settings.DATA)
if (settings.LAUNCHER)
  throw new Error('make all converts on one host: give it no LAUNCHER, or run make uris download lake with one')
await ensureWritable(paths.data, paths.lake)
await acquireLock(paths.lock('lake'), { folder: paths.lake, what: 'make all', onWait: print })
await clearStaging(paths)

const failed: string[] = []
const recall = (error: Error) => void failed.push(error.message)

// All nights stay listed: which of them to fetch and convert is another matter.
await make(['uris', 'NIGHTS=']).catch(recall)
await forgetFailures(paths, settings.NIGHTS)

const rows = await nightsToDownload(settings, paths).catch(() => [])
const fetching = await DownloadProgress.begin(paths, rows)
const converting = new NightsProgress(paths)
const watch = new ProgressDisplay(paths.progress('lake'), async () => [
  await fetching.poll(),
  await converting.poll(fetching.pendingWork),
])
const tally = new Summary()
const conversion = new Conversion(settings, tell)
const record = await readListingFile(settings.URIS)
if (settings.KEEP_TARS === 'no') add(await conversionsOf(paths, await removableTarballs(settings, paths), record, true))
const known = new Set<string>()
await addLanded()
// From here on no tarball but these changes: to look at all of them each second would take a part of a core.
const names = new Set(rows.map(({ name }) => name))
const isFetched = ({ name }: Night) => names.has(name)
const ended = new AbortController()
relayMake(['download', ...jobsFlag()], besideThis())
  .then(status => status !== 0 && failed.push('make download failed'))
  .finally(() => ended.abort())
while (!ended.signal.aborted) {
  await sleep(POLL_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => {})
  await addLanded(isFetched)
}
await addLanded(isFetched)

await conversion.end()
await watch.end()
tally.close()
await updateCommonMetadata(paths, await readManifests(paths, tally.extended))
// Not where this ends before, since its workers may still write: the next run then waits for them.
releaseLock(paths.lock('lake'))
const { failed: stems } = tally
if (stems.length > 0) failed.push(`${plural(stems.length, 'night')} failed (${stems.join(', ')})`)
if (failed.length > 0) throw new Error(`${failed.join(', ')}: make all tries again`)

/** Adds the nights that have come onto the disk since the last time. */
async function addLanded(replaceable?: (night: Night) => boolean): Promise<void> {
  const waiting = (await nightsToConvert(paths, settings.NIGHTS, replaceable)).filter(({ stem }) => !known.has(stem))
  // Of a night that is published again the new tarball is on its way.
  const landed = await current(settings, paths, waiting)
  for (const { stem } of landed) known.add(stem)
  add(await conversionsOf(paths, landed, record, false))
}

function add(nights: Parameters<Conversion['add']>[0]): void {
  converting.add(nights)
  conversion.add(nights)
}

function tell(end: NightResult): void {
  converting.end(end)
  tally.add(end)
}
