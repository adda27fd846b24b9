import { basename } from 'node:path'
import { type ListedFile, nightOf } from '../archive/listing.ts'
import { listNames, statOptional } from '../core/files.ts'
import type { Night } from '../night.ts'
import { hasArrived } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { RunningNight, StageProgress } from './model.ts'
import { RateMeter, RateMeters } from './rate.ts'

/** A night whose download has neither succeeded nor failed yet. */
interface Pending {
  readonly row: ListedFile
  readonly night: Night
  /** Number of bytes downloaded by earlier runs. */
  readonly resumedFrom: number
  /** Modification times in ms of files left by an earlier run, which are ignored until they change. */
  readonly oldPart: number | undefined
  readonly oldFailure: number | undefined
}

interface RunningDownload {
  readonly night: RunningNight
  /** Number of bytes downloaded by this run. */
  readonly fetched: number
}

type Ending = 'done' | 'failed'

type Names = Readonly<Record<'tarballs' | 'manifests' | 'failures', ReadonlySet<string>>>

/** Progress of one run's downloads. Polls the files on disk, because the downloads run in other processes. */
export class DownloadProgress {
  private readonly paths: Paths
  private readonly pending: Map<string, Pending>
  private readonly onEnd: (row: ListedFile, ending: Ending) => void
  private readonly nights: number
  private readonly meter = new RateMeter()
  private readonly meters = new RateMeters()
  private readonly ended = { done: 0, failed: 0 }
  private bytes = 0

  /**
   * Records which files earlier runs have left behind. Call it before the downloads start.
   * @param rows nights to download
   * @param onEnd called by `poll`, once for each night that has been downloaded or has failed
   */
  static async begin(
    paths: Paths,
    rows: readonly ListedFile[],
    onEnd: (row: ListedFile, ending: Ending) => void = () => {},
  ): Promise<DownloadProgress> {
    const pending = rows.map(async (row): Promise<Pending> => {
      const night = nightOf(row)
      const [part, failure] = await Promise.all([paths.part(night), paths.failure(night)].map(statOptional))
      const resumedFrom = part ? bytesOnDisk(part) : 0
      return { row, night, resumedFrom, oldPart: part?.mtimeMs, oldFailure: failure?.mtimeMs }
    })
    return new DownloadProgress(paths, await Promise.all(pending), onEnd)
  }

  private constructor(paths: Paths, pending: readonly Pending[], onEnd: (row: ListedFile, ending: Ending) => void) {
    this.paths = paths
    this.onEnd = onEnd
    this.nights = pending.length
    this.pending = new Map(pending.map(night => [night.row.name, night]))
  }

  /** Number of pending nights, and their total bytes. */
  get pendingWork(): { nights: number; bytes: number } {
    const rows = [...this.pending.values()].map(({ row }) => row)
    return { nights: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async poll(): Promise<StageProgress> {
    const now = performance.now()
    const names = await this.readNames()
    const polled = await Promise.all([...this.pending.values()].map(night => this.pollNight(now, night, names)))
    const running = polled.flat()
    const bytes = running.reduce((sum, { fetched }) => sum + fetched, this.bytes)
    const of = [...this.pending.values()].reduce((sum, night) => sum + bytesOf(night), this.bytes)
    const { nights, ended } = this
    const rate = this.meter.rate(now, bytes)
    return { verb: 'fetching', nights, ...ended, bytes, of, rate, running: running.map(({ night }) => night) }
  }

  private async readNames(): Promise<Names> {
    const read = async (folder: string) => new Set(await listNames(folder))
    const { tarballs, manifests, failed } = this.paths
    // List tarballs before manifests, because a conversion in between may add a manifest and remove the tarball.
    return { tarballs: await read(tarballs), manifests: await read(manifests), failures: await read(failed) }
  }

  /** Progress of a night; empty if it is not being downloaded. Counts the night if it is done or has failed. */
  private async pollNight(now: number, pending: Pending, names: Names): Promise<RunningDownload[]> {
    const { row, night } = pending
    const mayHaveArrived = names.tarballs.has(row.name) || names.manifests.has(basename(this.paths.manifest(night)))
    if (mayHaveArrived && (await hasArrived(this.paths, row))) return this.end(pending, 'done')
    if (names.failures.has(basename(this.paths.failure(night))) && (await this.hasFailed(pending)))
      return this.end(pending, 'failed')
    const part = names.tarballs.has(basename(this.paths.part(night))) && (await statOptional(this.paths.part(night)))
    if (!part || part.mtimeMs === pending.oldPart) return []
    const bytes = bytesOnDisk(part)
    const rate = this.meters.rate(row.name, now, bytes)
    const running = { stem: night.stem, bytes, of: Math.max(bytes, row.bytes), waits: bytes === 0, rate }
    return [{ night: running, fetched: Math.max(0, bytes - pending.resumedFrom) }]
  }

  private async hasFailed({ night, oldFailure }: Pending): Promise<boolean> {
    const failure = await statOptional(this.paths.failure(night))
    return failure !== undefined && failure.mtimeMs !== oldFailure
  }

  private end(pending: Pending, ending: Ending): [] {
    // Count each night only once, because polls may overlap.
    if (!this.pending.delete(pending.row.name)) return []
    this.meters.drop(pending.row.name)
    this.ended[ending]++
    this.bytes += bytesOf(pending)
    this.onEnd(pending.row, ending)
    return []
  }
}

/** Number of bytes that this run has to download for a night. */
function bytesOf({ row, resumedFrom }: Pending): number {
  return Math.max(0, row.bytes - resumedFrom)
}

/** Number of bytes on disk, without the holes that several connections leave in a partial file. */
function bytesOnDisk({ size, blocks }: { size: number; blocks: number }): number {
  return Math.min(size, blocks * 512)
}
