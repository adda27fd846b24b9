// Tells where every night is: listed, on disk, in the lake, failed or missing; and how far who is at work is.

import { holdsAlerts } from '../lib/archive/listing.ts'
import { allSetAside, MOST_TIMES } from '../lib/archive/setaside.ts'
import { readUris } from '../lib/archive/uris.ts'
import { lakeBytes } from '../lib/lake/manifest.ts'
import { readStates } from '../lib/lake/states.ts'
import { Paths } from '../lib/paths.ts'
import { atWork } from '../lib/progress/atwork.ts'
import { say, table } from '../lib/report.ts'
import { readSettings } from '../lib/settings.ts'
import { plural, showBytes, showCount } from '../lib/units.ts'

const settings = readSettings()
const paths = new Paths(settings.DATA)
const states = await readStates(settings, paths)
const record = states.flatMap(({ row }) => row ?? [])
const listed = record.filter(holdsAlerts)
const manifests = states.flatMap(({ manifest }) => manifest ?? [])
const chosen = await readUris(settings.URIS)
const absent = states.flatMap(({ row, onDisk, converted }) => (row && !onDisk && !converted ? row : []))
const missing = absent.filter(row => holdsAlerts(row) && chosen.has(row.url))
const waiting = states.filter(({ onDisk, converted }) => onDisk && !converted)
const again = states.filter(state => state.again)
const failed = states.filter(({ failure }) => failure)
const broken = states.flatMap(({ broken }) => broken ?? [])
// What was wrong with a tarball is of interest until its night is in the lake.
const due = new Set([...missing.map(({ name }) => name), ...again.map(({ night }) => night.name)])
const aside = [...(await allSetAside(paths))].filter(([name]) => due.has(name))
const of = (state: string) => manifests.filter(manifest => manifest.state === state)
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

say(
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
if (damaged > 0) say(`kept aside in ${paths.bad}: ${plural(damaged, 'damaged packet')}`)
for (const { tarball, salvage } of of('salvaged')) say(`salvaged  ${tarball}: ${salvage}`)
for (const message of broken) say(`broken    ${message}`)
for (const { night, failure } of failed) say(`failed    ${night.stem}: ${failure}`)
if (again.length > 0)
  say(`published again: ${some(again.map(({ night }) => night.name))}: make download, then make lake`)
for (const [name, { reason, times }] of aside) say(`set aside ${name}: ${reason} (${times} of ${MOST_TIMES} times)`)
if (missing.length > 0) say(`missing   ${some(missing.map(({ name }) => name))}: make download`)
if (waiting.length > 0) say(`waiting   ${some(waiting.map(({ night }) => night.name))}: make lake`)
for (const line of await atWork(paths)) say(line)

function counts(state: string): string[] {
  return [of(state).length, total(of(state).map(({ alerts }) => alerts))].map(showCount)
}

/** The first few names, and how many more there are. */
function some(names: readonly string[]): string {
  const [first, rest] = [names.slice(0, 3), names.length - 3]
  return `${first.join(', ')}${rest > 0 ? ` and ${showCount(rest)} more` : ''}`
}
