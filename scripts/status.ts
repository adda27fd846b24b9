// Tells where every night is: listed, on disk, in the lake, failed or missing.
import { readFailure } from '../lib/failures.ts'
import { inLake, isOlder, onDisk } from '../lib/inventory.ts'
import { holdsAlerts } from '../lib/listing.ts'
import { inspectManifest, lakeBytes } from '../lib/manifest.ts'
import { mapMany } from '../lib/many.ts'
import { parseNight } from '../lib/night.ts'
import { Paths } from '../lib/paths.ts'
import { readRecord } from '../lib/record.ts'
import { say, table } from '../lib/report.ts'
import { allSetAside, MOST_TIMES } from '../lib/setaside.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes, showCount } from '../lib/units.ts'
import { readUris } from '../lib/uris.ts'

const { DATA, URIS, NIGHTS } = readSettings()
const paths = new Paths(DATA)
const record = (await readRecord(URIS)).filter(({ night }) => night && NIGHTS(night))
const listed = record.filter(holdsAlerts)
const disk = await onDisk(paths, NIGHTS)
const lake = await inLake(paths, NIGHTS)
const read = await mapMany(lake, night => inspectManifest(paths, night))
const manifests = read.flatMap(found => (found instanceof Error ? [] : (found ?? [])))
const broken = read.filter(found => found instanceof Error)

const there = new Set([...disk, ...lake].map(({ name }) => name))
const converted = new Set(lake.map(({ name }) => name))
const chosen = await readUris(URIS)
const missing = listed.filter(({ name, url }) => !there.has(name) && chosen.has(url))
const rows = new Map(record.map(row => [row.name, row]))
const again = manifests.filter(manifest => isOlder(manifest, rows.get(manifest.tarball)))
const waiting = disk.filter(({ name }) => !converted.has(name))
// Of a night in the lake, why its tarball was not removed.
const unfinished = [...missing.flatMap(({ name }) => parseNight(name) ?? []), ...disk]
const reasons = await mapMany(unfinished, night => readFailure(paths, night))
const failed = unfinished.flatMap((night, i) => (reasons[i] ? [`${night.stem}: ${reasons[i]}`] : []))
// What was wrong with a tarball is of interest until its night is in the lake.
const due = new Set([...missing, ...again.map(({ tarball }) => ({ name: tarball }))].map(({ name }) => name))
const aside = [...(await allSetAside(paths))].filter(([name]) => due.has(name))
const of = (state: string) => manifests.filter(manifest => manifest.state === state)
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

say(
  table([
    ['', 'nights', 'alerts', 'bytes'],
    ['listed', showCount(listed.length), '', showBytes(total(listed.map(({ bytes }) => bytes)))],
    ['listed, empty', showCount(record.length - listed.length), '', ''],
    ['on disk', showCount(disk.length), '', ''],
    [
      'in the lake',
      showCount(lake.length),
      showCount(total(manifests.map(({ alerts }) => alerts))),
      showBytes(total(manifests.map(lakeBytes))),
    ],
    ['  salvaged', ...counts('salvaged'), ''],
    ['  empty', showCount(of('empty').length), '', ''],
    ['  published again', showCount(again.length), '', ''],
    ['waiting for make lake', showCount(waiting.length), '', ''],
    ['missing', showCount(missing.length), '', showBytes(total(missing.map(({ bytes }) => bytes)))],
    ['failed', showCount(failed.length), '', ''],
    ['set aside', showCount(aside.length), '', ''],
  ]),
)
const damaged = total(manifests.map(({ damaged }) => damaged))
if (damaged > 0) say(`kept aside in ${paths.bad}: ${plural(damaged, 'damaged packet')}`)
for (const { tarball, salvage } of of('salvaged')) say(`salvaged  ${tarball}: ${salvage}`)
for (const { message } of broken) say(`broken    ${message}`)
for (const line of failed) say(`failed    ${line}`)
if (again.length > 0)
  say(`published again: ${some(again.map(({ tarball }) => tarball))}: make download, then make lake`)
for (const [name, { reason, times }] of aside) say(`set aside ${name}: ${reason} (${times} of ${MOST_TIMES} times)`)
if (missing.length > 0) say(`missing   ${some(missing.map(({ name }) => name))}: make download`)
if (waiting.length > 0) say(`waiting   ${some(waiting.map(({ name }) => name))}: make lake`)

function counts(state: string): string[] {
  return [of(state).length, total(of(state).map(({ alerts }) => alerts))].map(showCount)
}

/** The first few names, and how many more there are. */
function some(names: readonly string[]): string {
  const [first, rest] = [names.slice(0, 3), names.length - 3]
  return `${first.join(', ')}${rest > 0 ? ` and ${showCount(rest)} more` : ''}`
}
