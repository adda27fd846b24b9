import { basename } from 'node:path'
import type { ListedFile } from '../archive/listing.ts'
import { listNames, statOptional } from '../core/files.ts'
import { type Night, parseNight } from '../night.ts'
import { needsDownload } from '../nights/inventory.ts'
import type { Paths } from '../paths.ts'
import type { RunningNight, StageProgress } from './model.ts'
import { RateMeter, RateMeters } from './rate.ts'

/** A night that is not fetched yet, and what an earlier run left of it. */
interface Pending {
  readonly row: ListedFile
  readonly night: Night
  /** Bytes that had come before. */
  readonly before: number
  /** When its part and its failure were written, in ms: these say nothing of this run. */
  readonly part: number | undefined
  readonly failure: number | undefined
}

/** How far a run is with its downloads, which many processes do: it looks what has come since it began. */
export class DownloadProgress {
  private readonly paths: Paths
  private readonly pending: Map<string, Pending>
  private readonly nights: number
  private readonly meter = new RateMeter()
  private readonly meters = new RateMeters()
  private done = 0
  private failed = 0
  private bytes = 0

  /** @param rows the nights that are to be fetched */
  static async begin(paths: Paths, rows: readonly ListedFile[]): Promise<DownloadProgress> {
    const pending = rows.map(async (row): Promise<Pending> => {
      const night = parseNight(row.name) as Night
      const [part, failure] = await Promise.all([paths.part(night), paths.failure(night)].map(statOptional))
      return { row, night, before: part ? bytesOn(part) : 0, part: part?.mtimeMs, failure: failure?.mtimeMs }
    })
    return new DownloadProgress(paths, await Promise.all(pending))
  }

  private constructor(paths: Paths, pending: readonly Pending[]) {
    this.paths = paths
    this.nights = pending.length
    this.pending = new Map(pending.map(night => [night.row.name, night]))
  }

  /** Nights that are still to come, and their bytes. */
  get pendingWork(): { nights: number; bytes: number } {
    const rows = [...this.pending.values()].map(({ row }) => row)
    return { nights: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async poll(): Promise<StageProgress> {
    const { tarballs, manifests, failed } = this.paths
    const [there, converted, failures] = await Promise.all([tarballs, manifests, failed].map(listNames))
    const names = { there: new Set(there), converted: new Set(converted), failures: new Set(failures) }
    const at = performance.now()
    const running = (await Promise.all([...this.pending.values()].map(night => this.lookAt(at, night, names)))).flat()
    const bytes = this.bytes + running.reduce((sum, { bytes, before }) => sum + Math.max(0, bytes - before), 0)
    const of = [...this.pending.values()].reduce((sum, night) => sum + workOf(night), this.bytes)
    const rate = this.meter.rate(at, bytes)
    const { nights, done } = this
    return { verb: 'fetching', nights, done, failed: this.failed, bytes, of, rate, running: running.map(withoutBefore) }
  }

  private async lookAt(at: number, pending: Pending, names: Names) {
    const { row, night, before } = pending
    if (
      (names.there.has(row.name) || names.converted.has(basename(this.paths.manifest(night)))) &&
      !(await needsDownload(this.paths, row))
    )
      return this.end(pending, 'done')
    if (names.failures.has(basename(this.paths.failure(night))) && (await this.hasFailed(pending)))
      return this.end(pending, 'failed')
    const part = names.there.has(basename(this.paths.part(night))) && (await statOptional(this.paths.part(night)))
    if (!part || part.mtimeMs === pending.part) return []
    const bytes = bytesOn(part)
    const of = Math.max(bytes, row.bytes)
    return [{ stem: night.stem, bytes, of, before, waits: bytes === 0, rate: this.meters.rate(row.name, at, bytes) }]
  }

  private async hasFailed({ night, failure }: Pending): Promise<boolean> {
    const now = await statOptional(this.paths.failure(night))
    return now !== undefined && now.mtimeMs !== failure
  }

  private end(night: Pending, how: 'done' | 'failed'): [] {
    this.pending.delete(night.row.name)
    this.meters.drop(night.row.name)
    this[how]++
    this.bytes += workOf(night)
    return []
  }
}

type Names = Readonly<Record<'there' | 'converted' | 'failures', ReadonlySet<string>>>

function workOf({ row, before }: Pending): number {
  return Math.max(0, row.bytes - before)
}

/** Several connections leave holes in a file, so that its size says less. */
function bytesOn({ size, blocks }: { size: number; blocks: number }): number {
  return Math.min(size, blocks * 512)
}

function withoutBefore({ before: _, ...night }: RunningNight & { before: number }): RunningNight {
  return night
}
