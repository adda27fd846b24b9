import type { RunningNight, StageProgress } from './model.ts'
import { RateMeter, RateMeters } from './rate.ts'

/** Counts the nights and bytes of a stage. Subclasses say how far the running nights are. */
export abstract class StageMeter {
  /** Size in bytes of each unfinished night, by stem. */
  protected readonly unfinished = new Map<string, number>()
  protected readonly meters = new RateMeters()
  private readonly verb: StageProgress['verb']
  private readonly meter = new RateMeter()
  private done = 0
  private failed = 0
  /** Size in bytes of the nights that have ended. */
  private bytes = 0

  constructor(verb: StageProgress['verb']) {
    this.verb = verb
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
    const running = await this.running(now)
    const bytes = this.bytes + running.reduce((sum, night) => sum + night.bytes, 0)
    const of = [...this.unfinished.values()].reduce((sum, size) => sum + size, this.bytes + pending.bytes)
    const { verb, done, failed } = this
    const nights = done + failed + this.unfinished.size + pending.nights
    return { verb, nights, done, failed, bytes, of, rate: this.meter.rate(now, bytes), running }
  }

  /** @param now time in ms, for the rates */
  protected abstract running(now: number): Promise<RunningNight[]>
}
