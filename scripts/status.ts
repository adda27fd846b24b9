// Tells where every night is: listed, on disk, in the lake, failed or missing; and how far who is at work is.

import { holdsAlerts } from '../lib/archive/listing.ts'
import { MAX_ATTEMPTS, readQuarantine } from '../lib/archive/quarantine.ts'
import { readUrlLists } from '../lib/archive/url-lists.ts'
import { print, table } from '../lib/core/console.ts'
import { plural, showBytes, showCount } from '../lib/core/units.ts'
import { lakeBytes } from '../lib/lake/manifest.ts'
import { readStatus } from '../lib/nights/status.ts'
import { Paths } from '../lib/paths.ts'
import { activeRuns } from '../lib/progress/notes.ts'
import { readSettings } from '../lib/settings.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const states = await readStatus(settings, paths)
const record = states.flatMap(({ row }) => row ?? [])
const listed = record.filter(holdsAlerts)
const manifests = states.flatMap(({ manifest }) => manifest ?? [])
const chosen = await readUrlLists(settings.URIS)
const absent = states.flatMap(({ row, onDisk, converted }) => (row && !onDisk && !converted ? row : []))
const missing = absent.filter(row => holdsAlerts(row) && chosen.has(row.url))
const waiting = states.filter(({ onDisk, converted }) => onDisk && !converted)
const again = states.filter(state => state.again)
const failed = states.filter(({ failure }) => failure)
const broken = states.flatMap(({ broken }) => broken ?? [])
// What was wrong with a tarball is of interest until its night is in the lake.
const due = new Set([...missing.map(({ name }) => name), ...again.map(({ night }) => night.name)])
const aside = [...(await readQuarantine(paths))].filter(([name]) => due.has(name))
const of = (state: string) => manifests.filter(manifest => manifest.state === state)
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

print(
  table([
    ['', 'nights', 'alerts', 'bytes'],
    ['listed', showCount(listed.length), '', showBytes(total(listed.map(({ bytes }) => bytes)))],
    ['listed, empty', showCount(record.length - listed.length), '', ''],
    ['on disk', showCount(states.filter(({ onDisk }) => onDisk).length), '', ''],
    [
      'in the lake',
      showCount(manifests.length),
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
if (damaged > 0) print(`kept aside in ${paths.bad}: ${plural(damaged, 'damaged packet')}`)
for (const { tarball, salvage } of of('salvaged')) print(`salvaged  ${tarball}: ${salvage}`)
for (const message of broken) print(`broken    ${message}`)
for (const { night, failure } of failed) print(`failed    ${night.stem}: ${failure}`)
if (again.length > 0)
  print(`published again: ${some(again.map(({ night }) => night.name))}: make download, then make lake`)
for (const [name, { reason, times }] of aside) print(`set aside ${name}: ${reason} (${times} of ${MAX_ATTEMPTS} times)`)
if (missing.length > 0) print(`missing   ${some(missing.map(({ name }) => name))}: make download`)
if (waiting.length > 0) print(`waiting   ${some(waiting.map(({ night }) => night.name))}: make lake`)
for (const line of await activeRuns(paths)) print(line)

function counts(state: string): string[] {
  return [of(state).length, total(of(state).map(({ alerts }) => alerts))].map(showCount)
}

/** The first few names, and how many more there are. */
function some(names: readonly string[]): string {
  const [first, rest] = [names.slice(0, 3), names.length - 3]
  return `${first.join(', ')}${rest > 0 ? ` and ${showCount(rest)} more` : ''}`
}
