import { mapLimit, readOptional, sha256OfBytes, statOptional, writeChanged } from '../core/files.ts'
import type { Night } from '../night.ts'
import { type Paths, WRITER } from '../paths.ts'
import { inspectManifest, lakeBytes, type Manifest, seal, unseal } from './manifest.ts'

/** A manifest without its long lists, so that commands can quickly read thousands of them. */
export interface NightSummary extends Omit<Manifest, 'files' | 'duplicateCandids'> {
  /** Number of Parquet files. */
  readonly files: number
  /** Total size of the Parquet files, in bytes. */
  readonly lakeBytes: number
  /** SHA-256 of the manifest's records of the Parquet files. */
  readonly filesSha256: string
  /** Number of damaged packets that were too large to be kept in `bad/`. */
  readonly notKept: number
}

/** Maximum number of damaged packets in a summary. */
const MAX_PACKETS = 3

/** Content of `index/_nights.json`, which saves reading the manifests. Entries are by stem. */
interface Cache {
  /** Version of this program: another one may summarize differently. */
  readonly writer: string
  readonly nights: Readonly<Record<string, Entry>>
}

/**
 * An entry is valid while the manifest has this size and change time (ctime, in ms). The modification time is not enough,
 * because `addCandidates` keeps it.
 */
interface Entry {
  readonly bytes: number
  readonly changed: number
  readonly summary: NightSummary
}

/**
 * Returns summaries of the nights' manifests, from the cache if it is current.
 *
 * @returns per night, undefined if it is not in the lake, or the error of a broken manifest
 */
export async function readSummaries(
  paths: Paths,
  nights: readonly Night[],
): Promise<(NightSummary | Error | undefined)[]> {
  const entries = await readEntries(paths, nights)
  return entries.map(entry => (entry && 'summary' in entry ? entry.summary : entry))
}

/** Brings the cache up to date; `nights` are all nights of the lake. */
export async function updateSummaries(paths: Paths, nights: readonly Night[]): Promise<void> {
  const entries = (await readEntries(paths, nights)).map((entry, i) => [nights[i]?.stem, entry] as const)
  const valid = entries.filter(([, entry]) => entry && 'summary' in entry)
  const cache: Cache = { writer: WRITER, nights: Object.fromEntries(valid) }
  await writeChanged(paths.summaries, seal(cache))
}

async function readEntries(paths: Paths, nights: readonly Night[]): Promise<(Entry | Error | undefined)[]> {
  const cache = unseal<Cache>((await readOptional(paths.summaries)) ?? '')
  const known = cache?.writer === WRITER ? cache.nights : {}
  return mapLimit(nights, async night => {
    const stat = await statOptional(paths.manifest(night))
    if (!stat) return undefined
    const entry = known[night.stem]
    if (entry?.bytes === stat.size && entry.changed === stat.ctimeMs) return entry
    const manifest = await inspectManifest(paths, night)
    if (!manifest || manifest instanceof Error) return manifest
    return { bytes: stat.size, changed: stat.ctimeMs, summary: summarize(manifest) }
  })
}

export function summarize(manifest: Manifest): NightSummary {
  const { files, duplicateCandids, damagedPackets, ...rest } = manifest
  return {
    ...rest,
    damagedPackets: damagedPackets.slice(0, MAX_PACKETS),
    files: files.length,
    lakeBytes: lakeBytes(manifest),
    filesSha256: sha256OfBytes(JSON.stringify(files)),
    notKept: damagedPackets.filter(({ kept }) => !kept).length,
  }
}
