import { holdsAlerts, type ListedFile } from '../archive/listing.ts'
import { MAX_ATTEMPTS, type QuarantineRecord } from '../archive/quarantine.ts'
import { table } from '../core/console.ts'
import { plural, showBytes, showCount } from '../core/units.ts'
import type { NightStatus } from './status.ts'

interface Groups {
  readonly listed: readonly ListedFile[]
  readonly missing: readonly ListedFile[]
  readonly waiting: readonly NightStatus[]
  readonly republished: readonly NightStatus[]
  readonly failed: readonly NightStatus[]
  readonly quarantined: readonly (readonly [name: string, QuarantineRecord])[]
}

/**
 * Lines that `make status` prints: a table of counts, then lines about nights that need attention.
 * @param urls all URLs in the URL lists
 * @param quarantine records by tarball name
 * @param bad path of the folder with damaged packets
 */
export function statusLines(
  nights: readonly NightStatus[],
  urls: ReadonlySet<string>,
  quarantine: ReadonlyMap<string, QuarantineRecord>,
  bad: string,
): string[] {
  const groups = groupsOf(nights, urls, quarantine)
  return [countsTable(nights, groups), ...lakeRemarks(nights, bad), ...todoLines(groups)]
}

function groupsOf(
  nights: readonly NightStatus[],
  urls: ReadonlySet<string>,
  quarantine: ReadonlyMap<string, QuarantineRecord>,
): Groups {
  const listed = nights.flatMap(({ row }) => row ?? [])
  const absent = nights.flatMap(({ row, onDisk, converted }) => (row && !onDisk && !converted ? row : []))
  const missing = absent.filter(row => holdsAlerts(row) && urls.has(row.url))
  const republished = nights.filter(({ republished }) => republished)
  const toDownload = new Set([...missing.map(({ name }) => name), ...republished.map(({ night }) => night.name)])
  return {
    listed,
    missing,
    waiting: nights.filter(({ onDisk, converted }) => onDisk && !converted),
    republished,
    failed: nights.filter(({ failure }) => failure),
    // List a quarantined tarball only while its night still has to be downloaded.
    quarantined: [...quarantine].filter(([name]) => toDownload.has(name)),
  }
}

function countsTable(nights: readonly NightStatus[], groups: Groups): string {
  const { listed, missing, waiting, republished, failed, quarantined } = groups
  const full = listed.filter(holdsAlerts)
  const manifests = nights.flatMap(({ manifest }) => manifest ?? [])
  const inState = (state: string) => manifests.filter(manifest => manifest.state === state)
  const alerts = (list: readonly { alerts: number }[]) => showCount(sum(list.map(({ alerts }) => alerts)))
  const bytes = (list: readonly { bytes: number }[]) => showBytes(sum(list.map(({ bytes }) => bytes)))
  const [salvaged, empty] = [inState('salvaged'), inState('empty')]
  const rows: [string, readonly unknown[], string?, string?][] = [
    ['listed', full, '', bytes(full)],
    ['listed, empty', listed.filter(row => !holdsAlerts(row))],
    ['on disk', nights.filter(({ onDisk }) => onDisk)],
    ['in the lake', manifests, alerts(manifests), showBytes(sum(manifests.map(({ lakeBytes }) => lakeBytes)))],
    ['  salvaged', salvaged, alerts(salvaged)],
    ['  empty', empty],
    ['  republished', republished],
    ['waiting for make lake', waiting],
    ['missing', missing, '', bytes(missing)],
    ['failed', failed],
    ['quarantined', quarantined],
  ]
  return table([
    ['', 'nights', 'alerts', 'bytes'],
    ...rows.map(([name, list, alerts = '', bytes = '']) => [name, showCount(list.length), alerts, bytes]),
  ])
}

/** Lines about damaged packets, salvaged nights and broken manifests. */
function lakeRemarks(nights: readonly NightStatus[], bad: string): string[] {
  const manifests = nights.flatMap(({ manifest }) => manifest ?? [])
  const damaged = sum(manifests.map(({ damaged }) => damaged))
  const salvaged = manifests.filter(({ state }) => state === 'salvaged')
  return [
    ...(damaged > 0 ? [`kept in ${bad}: ${plural(damaged, 'damaged packet')}`] : []),
    ...salvaged.map(({ tarball, salvage }) => `salvaged  ${tarball}: ${salvage}`),
    ...nights.flatMap(({ broken }) => broken ?? []).map(message => `broken    ${message}`),
  ]
}

function todoLines({ missing, waiting, republished, failed, quarantined }: Groups): string[] {
  const names = (list: readonly NightStatus[]) => someOf(list.map(({ night }) => night.name))
  return [
    ...failed.map(({ night, failure }) => `failed    ${night.stem}: ${failure}`),
    ...(republished.length > 0 ? [`republished: ${names(republished)}: make download, then make lake`] : []),
    ...quarantined.map(
      ([name, { reason, times }]) => `quarantined ${name}: ${reason} (attempt ${times} of ${MAX_ATTEMPTS})`,
    ),
    ...(missing.length > 0 ? [`missing   ${someOf(missing.map(({ name }) => name))}: make download`] : []),
    ...(waiting.length > 0 ? [`waiting   ${names(waiting)}: make lake`] : []),
  ]
}

/** The first three names, and the number of the others. */
function someOf(names: readonly string[]): string {
  const rest = names.length - 3
  return `${names.slice(0, 3).join(', ')}${rest > 0 ? ` and ${showCount(rest)} more` : ''}`
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
