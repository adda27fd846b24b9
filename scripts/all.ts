// Lists, fetches and converts: each night is converted as soon as it has landed, while others are fetched.
// What fails stops nothing else; the end names it, and the exit status tells.
import { setTimeout as sleep } from 'node:timers/promises'
import { readRecord } from '../lib/archive/record.ts'
import { removeHalfBuilt } from '../lib/lake/building.ts'
import { settleCommonColumns } from '../lib/lake/commonmetadata.ts'
import { forgetFailures } from '../lib/lake/failures.ts'
import { current, missing, spent, unconverted } from '../lib/lake/inventory.ts'
import { manifestsOf } from '../lib/lake/manifest.ts'
import { hold, release } from '../lib/lock.ts'
import type { Night } from '../lib/night.ts'
import { besideThis, endWithParents, LOOK } from '../lib/parents.ts'
import { Paths } from '../lib/paths.ts'
import { checkPlace } from '../lib/place.ts'
import { Fetching } from '../lib/progress/fetching.ts'
import { LakeWork } from '../lib/progress/lakework.ts'
import { Watch } from '../lib/progress/watch.ts'
import { readSettings } from '../lib/settings.ts'
import { jobsFlag, make, relayMake } from '../lib/shell.ts'
import { plural } from '../lib/units.ts'
import { Conversion } from '../lib/work/conversion.ts'
import { toConvert } from '../lib/work/jobs.ts'
import { type NightEnd, Tally } from '../lib/work/tally.ts'

endWithParents()
const settings = readSettings()
const paths = new Paths(settings.DATA)
if (settings.LAUNCHER)
  throw new Error('make all converts on one host: give it no LAUNCHER, or run make uris download lake with one')
await checkPlace(paths, paths.lake)
await hold(paths.lock('lake'), { folder: paths.lake, what: 'make all' })
await removeHalfBuilt(paths)

const failed: string[] = []
const recall = (error: Error) => void failed.push(error.message)

// All nights stay listed: which of them to fetch and convert is another matter.
await make(['uris', 'NIGHTS=']).catch(recall)
await forgetFailures(paths, settings.NIGHTS)

const rows = await missing(settings, paths).catch(() => [])
const fetching = await Fetching.begin(paths, rows)
const converting = new LakeWork(paths)
const watch = new Watch(paths.progress('lake'), async () => [
  await fetching.look(),
  await converting.look(fetching.toCome),
])
const tally = new Tally()
const conversion = new Conversion(settings, tell)
const record = await readRecord(settings.URIS)
if (settings.KEEP_TARS === 'no') add(await toConvert(paths, await spent(settings, paths), record, true))
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
  await sleep(LOOK, undefined, { signal: ended.signal }).catch(() => {})
  await addLanded(isFetched)
}
await addLanded(isFetched)

await conversion.end()
await watch.end()
tally.close()
await settleCommonColumns(paths, await manifestsOf(paths, tally.extended))
// Not where this ends before, since its workers may still write: the next run then waits for them.
release(paths.lock('lake'))
const { failed: stems } = tally
if (stems.length > 0) failed.push(`${plural(stems.length, 'night')} failed (${stems.join(', ')})`)
if (failed.length > 0) throw new Error(`${failed.join(', ')}: make all tries again`)

/** Adds the nights that have come onto the disk since the last time. */
async function addLanded(replaceable?: (night: Night) => boolean): Promise<void> {
  const waiting = (await unconverted(paths, settings.NIGHTS, replaceable)).filter(({ stem }) => !known.has(stem))
  // Of a night that is published again the new tarball is on its way.
  const landed = await current(settings, paths, waiting)
  for (const { stem } of landed) known.add(stem)
  add(await toConvert(paths, landed, record, false))
}

function add(nights: Parameters<Conversion['add']>[0]): void {
  converting.add(nights)
  conversion.add(nights)
}

function tell(end: NightEnd): void {
  converting.end(end)
  tally.add(end)
}
