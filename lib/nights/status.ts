import type { ListedFile } from '../archive/listing.ts'
import { readListingFile } from '../archive/listing-file.ts'
import { mapLimit, statOptional } from '../core/files.ts'
import { type NightSummary, readSummaries } from '../lake/summaries.ts'
import { type Night, parseNight } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { Settings } from '../settings.ts'
import { readFailure } from './failures.ts'
import { inLake, isRepublished, onDisk } from './inventory.ts'

/** State of a night: `failed` if its manifest is broken or the last attempt failed, even if the lake has the night. */
export type NightState = 'failed' | 'salvaged' | 'lake' | 'disk' | 'listed' | 'empty'

/** Status of a night, for `make status` and `make report`. */
export interface NightStatus {
  readonly night: Night
  readonly state: NightState
  /** Row in the current listing; undefined if the night is not listed. */
  readonly row: ListedFile | undefined
  readonly onDisk: boolean
  /** Size of the tarball on disk, in bytes. */
  readonly size: number | undefined
  readonly manifest: NightSummary | undefined
  /** Error message if the manifest is broken. */
  readonly broken: string | undefined
  /** Modification time of the manifest, in ms since 1970. */
  readonly converted: number | undefined
  /** Reason why the night was not downloaded or converted; undefined if no failure is recorded, or nothing is left to do. */
  readonly failure: string | undefined
  /** Whether the archive has republished the night since it was converted. */
  readonly republished: boolean
}

/** Every selected night that is listed, on disk or in the lake, in date order. */
export async function readStatus({ URIS, NIGHTS }: Settings, paths: Paths): Promise<NightStatus[]> {
  const listing = (await readListingFile(URIS)).filter(({ night }) => night && NIGHTS(night))
  const rows = new Map(listing.map(row => [row.name, row]))
  const [disk, lake] = await Promise.all([onDisk(paths, NIGHTS), inLake(paths, NIGHTS)])
  const onDiskNames = new Set(disk.map(({ name }) => name))
  const names = new Set([...rows.keys(), ...onDiskNames, ...lake.map(({ name }) => name)])
  const nights = [...names].flatMap(name => parseNight(name) ?? []).sort((a, b) => (a.stem < b.stem ? -1 : 1))
  const summaries = await readSummaries(paths, nights)
  const read = nights.map((night, i) => ({ night, summary: summaries[i] }))
  const states = await mapLimit(read, ({ night, summary }) =>
    readState(paths, night, summary, rows.get(night.name), onDiskNames.has(night.name)),
  )
  return states.map(withoutOldFailure)
}

async function readState(
  paths: Paths,
  night: Night,
  read: NightSummary | Error | undefined,
  row: ListedFile | undefined,
  onDisk: boolean,
): Promise<NightStatus> {
  const [failure, written, tarball] = await Promise.all([
    readFailure(paths, night),
    statOptional(paths.manifest(night)),
    onDisk ? statOptional(paths.tarball(night)) : undefined,
  ])
  const [manifest, broken] = read instanceof Error ? [undefined, read.message] : [read, undefined]
  const state = stateOf(manifest, failure ?? broken, onDisk, row)
  const converted = written?.mtimeMs
  const republished = isRepublished(manifest, row)
  return { night, state, row, onDisk, size: tarball?.size, manifest, broken, converted, failure, republished }
}

/**
 * Drops the failure of a night that is in the lake, and whose tarball is gone. No run would clear it, because none has work
 * to do for the night.
 */
function withoutOldFailure(status: NightStatus): NightStatus {
  const { manifest, failure, onDisk, republished, row } = status
  if (!failure || !manifest || republished || onDisk) return status
  return { ...status, failure: undefined, state: stateOf(manifest, undefined, onDisk, row) }
}

function stateOf(manifest?: NightSummary, failure?: string, onDisk?: boolean, row?: ListedFile): NightState {
  if (failure) return 'failed'
  if (manifest) return manifest.state === 'whole' ? 'lake' : manifest.state
  if (onDisk) return 'disk'
  return row?.kind === 'empty' ? 'empty' : 'listed'
}
