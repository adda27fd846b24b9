import { holdsAlerts, type ListedFile } from '../archive/listing.ts'
import { attemptsExhausted, MAX_ATTEMPTS, type QuarantineRecord } from '../archive/quarantine.ts'
import { table } from '../core/console.ts'
import { plural, showBytes, showCount, someOf } from '../core/units.ts'
import { addressesOf, isMoved } from '../lake/moved.ts'
import type { NightSummary } from '../lake/summaries.ts'
import type { Paths } from '../paths.ts'
import type { NightStatus } from './status.ts'

interface Groups {
  readonly listed: readonly ListedFile[]
  /** Nights for `make download` that are neither on disk nor in the lake. */
  readonly missing: readonly ListedFile[]
  /** Nights that `make download` leaves out, because their URLs are in no list. */
  readonly unlisted: readonly ListedFile[]
  readonly waiting: readonly NightStatus[]
  readonly republished: readonly NightStatus[]
  readonly failed: readonly NightStatus[]
  /** Nights whose last download was quarantined, which are downloaded again. */
  readonly quarantined: readonly Quarantined[]
  /** Nights that are not downloaded again, after `MAX_ATTEMPTS` quarantined downloads. */
  readonly givenUp: readonly Quarantined[]
}

interface Quarantined {
  readonly night: NightStatus['night']
  readonly record: QuarantineRecord
}

/**
 * Lines that `make status` prints: a table of counts, then lines about nights that need attention.
 * @param urls all URLs in the URL lists
 * @param quarantine records by tarball name
 */
export function statusLines(
  nights: readonly NightStatus[],
  urls: ReadonlySet<string>,
  quarantine: ReadonlyMap<string, QuarantineRecord>,
  paths: Paths,
): string[] {
  const groups = groupsOf(nights, urls, quarantine)
  return [countsTable(nights, groups), ...lakeRemarks(nights, paths.bad), ...todoLines(groups, paths)]
}

function groupsOf(
  nights: readonly NightStatus[],
  urls: ReadonlySet<string>,
  quarantine: ReadonlyMap<string, QuarantineRecord>,
): Groups {
  const rowsOf = (list: readonly NightStatus[]) => list.flatMap(({ row }) => row ?? [])
  const isAbsent = ({ row, onDisk, converted }: NightStatus) => row && holdsAlerts(row) && !onDisk && !converted
  const notInLake = nights.filter(status => isAbsent(status) || status.republished)
  const inLists = notInLake.filter(({ row }) => row && urls.has(row.url))
  // Only nights that still have to be downloaded: a record may outlive its night's arrival.
  const records = inLists.flatMap(({ night, row }) => {
    const record = quarantine.get(night.name)
    return row && record ? [{ night, record, isGivenUp: attemptsExhausted(record, row) }] : []
  })
  const givenUp = records.filter(({ isGivenUp }) => isGivenUp)
  const left = new Set(givenUp.map(({ night }) => night))
  const toDownload = inLists.filter(({ night }) => !left.has(night))
  return {
    listed: rowsOf(nights),
    missing: rowsOf(toDownload.filter(isAbsent)),
    unlisted: rowsOf(notInLake.filter(status => !inLists.includes(status))).filter(holdsAlerts),
    waiting: nights.filter(({ onDisk, converted }) => onDisk && !converted),
    republished: toDownload.filter(({ republished }) => republished),
    failed: nights.filter(({ failure, night }) => failure && !left.has(night)),
    quarantined: records.filter(({ isGivenUp }) => !isGivenUp),
    givenUp,
  }
}

function countsTable(nights: readonly NightStatus[], groups: Groups): string {
  const { listed, missing, unlisted, waiting, failed, quarantined, givenUp } = groups
  const full = listed.filter(holdsAlerts)
  const manifests = nights.flatMap(({ manifest }) => manifest ?? [])
  const inState = (state: string) => manifests.filter(manifest => manifest.state === state)
  const alerts = (list: readonly { alerts: number }[]) => showCount(sum(list.map(({ alerts }) => alerts)))
  const bytes = (list: readonly { bytes: number }[]) => showBytes(sum(list.map(({ bytes }) => bytes)))
  const lakeSize = (list: readonly NightSummary[]) => showBytes(sum(list.map(({ lakeBytes }) => lakeBytes)))
  const [salvaged, empty] = [inState('salvaged'), inState('empty')]
  const moved = manifests.filter(({ movedTo }) => movedTo !== undefined)
  const rows: (readonly [string, readonly unknown[], string?, string?])[] = [
    ['listed', listed, '', bytes(full)],
    ['  empty', listed.filter(row => !holdsAlerts(row))],
    ['  programid3', listed.filter(({ kind }) => kind === 'programid3')],
    ['on disk', nights.filter(({ onDisk }) => onDisk)],
    ['in the lake', manifests, alerts(manifests), lakeSize(manifests)],
    ['  salvaged', salvaged, alerts(salvaged)],
    ['  empty', empty],
    ...(moved.length > 0 ? [['  moved', moved, alerts(moved), lakeSize(moved)] as const] : []),
    ['  republished', nights.filter(({ republished }) => republished)],
    ['waiting for make lake', waiting],
    ['missing', missing, '', bytes(missing)],
    ['in no URL list', unlisted, '', bytes(unlisted)],
    ['failed', failed],
    ['quarantined', quarantined],
    ['given up', givenUp],
  ]
  return table([
    ['', 'nights', 'alerts', 'bytes'],
    ...rows.map(([name, list, alerts = '', bytes = '']) => [name, showCount(list.length), alerts, bytes]),
  ])
}

/** Lines about damaged packets, and about salvaged nights, broken manifests and nights that were moved away. */
function lakeRemarks(nights: readonly NightStatus[], bad: string): string[] {
  const manifests = nights.flatMap(({ manifest }) => manifest ?? [])
  const kept = sum(manifests.map(({ damaged, notKept = 0 }) => damaged - notKept))
  const salvaged = manifests.filter(({ state }) => state === 'salvaged')
  return [
    ...(kept > 0 ? [`kept in ${bad}: ${plural(kept, 'damaged packet')}`] : []),
    ...salvaged.map(({ tarball, salvage }) => `salvaged  ${tarball}: ${salvage}`),
    ...nights.flatMap(({ broken }) => broken ?? []).map(message => `broken    ${message}`),
    ...movedLines(manifests),
  ]
}

function movedLines(manifests: readonly NightSummary[]): string[] {
  const moved = manifests.map(summary => ({ summary })).filter(isMoved)
  return addressesOf(moved).map(address => {
    const there = moved.filter(({ summary }) => summary.movedTo === address)
    return `moved     ${plural(there.length, 'night')} to ${address}`
  })
}

function todoLines(groups: Groups, paths: Paths): string[] {
  const { missing, unlisted, waiting, republished, failed, quarantined, givenUp } = groups
  const some = (list: readonly { name: string }[]) => someOf(list.map(({ name }) => name))
  const someNights = (list: readonly NightStatus[]) => some(list.map(({ night }) => night))
  return [
    ...failed.map(({ night, failure }) => `failed    ${night.stem}: ${failure}`),
    ...(republished.length > 0 ? [`republished: ${someNights(republished)}: make download, then make lake`] : []),
    ...quarantined.map(
      ({ night, record }) => `quarantined ${night.name}: ${record.reason} (attempt ${record.times} of ${MAX_ATTEMPTS})`,
    ),
    ...givenUp.map(
      ({ night, record }) =>
        `given up  ${night.name}: ${record.reason} (${plural(record.times, 'attempt')}): ` +
        `to try again, delete ${paths.quarantineRecord(night)}`,
    ),
    ...(missing.length > 0 ? [`missing   ${some(missing)}: make download`] : []),
    ...(unlisted.length > 0
      ? [`in no URL list: ${some(unlisted)}: make uris with NIGHTS and MIN_SIZE that include them`]
      : []),
    ...(waiting.length > 0 ? [`waiting   ${someNights(waiting)}: make lake`] : []),
  ]
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
