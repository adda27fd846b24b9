import { basename } from 'node:path'
import { listNames } from '../core/files.ts'
import type { Sized } from '../core/share.ts'
import type { NightResult } from '../jobs/summary.ts'
import { type Night, nightOfStem } from '../night.ts'
import type { Paths } from '../paths.ts'
import type { RunningNight, StageProgress } from './model.ts'
import { readConversionProgress } from './notes.ts'
import { RateMeter, RateMeters } from './rate.ts'

/** A night that is to be converted or checked, and its bytes: of tar.gz, or in the lake. */
interface NightToDo extends Sized {
  readonly stem: string
  /** Converted by an earlier run. */
  readonly inLake?: boolean
}

/**
 * How far a run is with converting nights, or with checking them: it is told what is to be done and what is, and looks
 * how far those are that are converted.
 */
export class NightsProgress {
  private readonly paths: Paths
  private readonly verb: 'converting' | 'checking'
  /** Bytes of the nights that are not done, by stem. */
  private readonly left = new Map<string, number>()
  private readonly meter = new RateMeter()
  private readonly meters = new RateMeters()
  private done = 0
  private failed = 0
  private bytes = 0

  constructor(paths: Paths, verb: NightsProgress['verb'] = 'converting') {
    this.paths = paths
    this.verb = verb
  }

  /** Nights are to be done; of those that are in the lake only the tarballs are to go. */
  add(nights: readonly NightToDo[]): void {
    for (const { stem, bytes, inLake } of nights) if (!inLake) this.left.set(stem, bytes)
  }

  /** A night is done, or has failed. */
  end({ stem, failed }: Pick<NightResult, 'stem' | 'failed'>): void {
    const bytes = this.left.get(stem)
    if (bytes === undefined) return
    this.left.delete(stem)
    this.meters.drop(stem)
    this.bytes += bytes
    if (failed) this.failed++
    else this.done++
  }

  /** @param toCome nights that will be added, and their bytes */
  async poll(toCome = { nights: 0, bytes: 0 }): Promise<StageProgress> {
    const at = performance.now()
    const there = new Set(await listNames(this.paths.staging))
    const begun = [...this.left].filter(([stem]) =>
      there.has(basename(this.paths.conversionProgress(nightOfStem(stem) as Night))),
    )
    const running = (await Promise.all(begun.map(night => this.lookAt(at, ...night)))).flat()
    const bytes = this.bytes + running.reduce((sum, night) => sum + night.bytes, 0)
    const of = [...this.left.values()].reduce((sum, size) => sum + size, this.bytes + toCome.bytes)
    const { verb, done, failed } = this
    const nights = done + failed + this.left.size + toCome.nights
    return { verb, nights, done, failed, bytes, of, rate: this.meter.rate(at, bytes), running }
  }

  private async lookAt(at: number, stem: string, of: number): Promise<RunningNight[]> {
    const gauge = await readConversionProgress(this.paths, nightOfStem(stem) as Night)
    // It may have ended while its gauge was read.
    if (!gauge || !this.left.has(stem)) return []
    const bytes = Math.min(of, gauge.read)
    return [{ stem, bytes, of, alerts: gauge.alerts, rate: this.meters.rate(stem, at, bytes) }]
  }
}
