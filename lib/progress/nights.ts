import { basename } from 'node:path'
import { listNames } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { RunningNight, StageProgress } from './model.ts'
import { readConversionProgress } from './notes.ts'
import { RateMeter, RateMeters } from './rate.ts'

/** A night to convert or check, with the size of its tarball or Parquet files. */
interface QueuedNight extends Sized {
  readonly stem: string
  /** Whether the night is already in the lake, so that only its tarball has to be removed. */
  readonly inLake?: boolean
}

/** Progress of one run's conversions, checks or candidates files. Workers write the progress of each conversion to a note. */
export class NightsProgress {
  private readonly paths: Paths
  private readonly verb: 'converting' | 'checking' | 'indexing'
  /** Size in bytes of each unfinished night, by stem. */
  private readonly unfinished = new Map<string, number>()
  private readonly meter = new RateMeter()
  private readonly meters = new RateMeters()
  private done = 0
  private failed = 0
  private bytes = 0

  constructor(paths: Paths, verb: NightsProgress['verb'] = 'converting') {
    this.paths = paths
    this.verb = verb
  }

  add(nights: readonly QueuedNight[]): void {
    for (const { stem, bytes, inLake } of nights) if (!inLake) this.unfinished.set(stem, bytes)
  }

  /** Counts a night as done or failed. */
  end({ stem, failed }: { readonly stem: string; readonly failed?: boolean }): void {
    const bytes = this.unfinished.get(stem)
    if (bytes === undefined) return
    this.unfinished.delete(stem)
    this.meters.drop(stem)
    this.bytes += bytes
    if (failed) this.failed++
    else this.done++
  }

  /** @param pending number and total bytes of the nights that will be added later */
  async poll(pending = { nights: 0, bytes: 0 }): Promise<StageProgress> {
    const now = performance.now()
    const notes = new Set(await listNames(this.paths.staging))
    const hasNote = (stem: string) => notes.has(basename(this.paths.conversionProgress(nightOfStem(stem) as Night)))
    const started = [...this.unfinished].filter(([stem]) => hasNote(stem))
    const running = (await Promise.all(started.map(night => this.pollNight(now, ...night)))).flat()
    const bytes = this.bytes + running.reduce((sum, night) => sum + night.bytes, 0)
    const of = [...this.unfinished.values()].reduce((sum, size) => sum + size, this.bytes + pending.bytes)
    const { verb, done, failed } = this
    const nights = done + failed + this.unfinished.size + pending.nights
    return { verb, nights, done, failed, bytes, of, rate: this.meter.rate(now, bytes), running }
  }

  private async pollNight(now: number, stem: string, of: number): Promise<RunningNight[]> {
    const progress = await readConversionProgress(this.paths, nightOfStem(stem) as Night)
    // The night may have ended while its note was being read.
    if (!progress || !this.unfinished.has(stem)) return []
    const bytes = Math.min(of, progress.read)
    return [{ stem, bytes, of, alerts: progress.alerts, rate: this.meters.rate(stem, now, bytes) }]
  }
}
