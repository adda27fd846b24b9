import { basename } from 'node:path'
import { listNames } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { RunningNight } from './model.ts'
import { readConversionProgress } from './notes.ts'
import { StageMeter } from './stage-meter.ts'

/** A night to convert or check, with the size of its tarball or Parquet files. */
interface QueuedNight extends Sized {
  readonly stem: string
  /** Whether the night is already in the lake, so that only its tarball has to be removed. */
  readonly inLake?: boolean
}

/** Progress of one run's conversions, checks or candidates files. Workers write the progress of each conversion to a note. */
export class NightsProgress extends StageMeter {
  private readonly paths: Paths

  constructor(paths: Paths, verb: 'converting' | 'checking' | 'indexing' = 'converting') {
    super(verb)
    this.paths = paths
  }

  add(nights: readonly QueuedNight[]): void {
    for (const { stem, bytes, inLake } of nights) if (!inLake) this.unfinished.set(stem, bytes)
  }

  protected async running(now: number): Promise<RunningNight[]> {
    const notes = new Set(await listNames(this.paths.staging))
    const hasNote = (stem: string) => notes.has(basename(this.paths.conversionProgress(nightOfStem(stem) as Night)))
    const started = [...this.unfinished].filter(([stem]) => hasNote(stem))
    return (await Promise.all(started.map(night => this.pollNight(now, ...night)))).flat()
  }

  private async pollNight(now: number, stem: string, of: number): Promise<RunningNight[]> {
    const progress = await readConversionProgress(this.paths, nightOfStem(stem) as Night)
    // The night may have ended while its note was being read.
    if (!progress || !this.unfinished.has(stem)) return []
    const bytes = Math.min(of, progress.read)
    return [{ stem, bytes, of, alerts: progress.alerts, rate: this.meters.rate(stem, now, bytes) }]
  }
}
