import type { RunningNight, StageProgress } from '../progress/model.ts'
import { RateMeter, RateMeters } from '../progress/rate.ts'
import type { Sent } from './copier.ts'

/** A night that is queued, or being published. */
interface Unfinished {
  /** Size of its files in bytes. */
  readonly of: number
  /** Counters of the files that are being sent, or have been. */
  readonly sent: Sent[]
}

/** Progress of a run that publishes nights, or checks published ones. */
export class PublishProgress {
  private readonly verb: 'publishing' | 'checking'
  private readonly unfinished = new Map<string, Unfinished>()
  private readonly meter = new RateMeter()
  private readonly meters = new RateMeters()
  private done = 0
  private failed = 0
  /** Size of the nights that have ended. */
  private bytes = 0

  constructor(verb: PublishProgress['verb'] = 'publishing') {
    this.verb = verb
  }

  add(stem: string, bytes: number): void {
    this.unfinished.set(stem, { of: bytes, sent: [] })
  }

  /** Returns a new counter for one file of a night. */
  counter(stem: string): Sent {
    const sent = { bytes: 0 }
    this.unfinished.get(stem)?.sent.push(sent)
    return sent
  }

  end(stem: string, { failed }: { readonly failed: boolean }): void {
    this.bytes += this.unfinished.get(stem)?.of ?? 0
    this.unfinished.delete(stem)
    this.meters.drop(stem)
    if (failed) this.failed++
    else this.done++
  }

  /** @param pending number and total bytes of the nights that will be added later */
  async poll(pending = { nights: 0, bytes: 0 }): Promise<StageProgress> {
    const now = performance.now()
    const running = [...this.unfinished].flatMap(([stem, night]) => this.runningNight(now, stem, night))
    const bytes = this.bytes + running.reduce((sum, night) => sum + night.bytes, 0)
    const of = [...this.unfinished.values()].reduce((sum, night) => sum + night.of, this.bytes + pending.bytes)
    const { verb, done, failed } = this
    const nights = done + failed + this.unfinished.size + pending.nights
    return { verb, nights, done, failed, bytes, of, rate: this.meter.rate(now, bytes), running }
  }

  private runningNight(now: number, stem: string, { of, sent }: Unfinished): RunningNight[] {
    if (sent.length === 0) return []
    const bytes = Math.min(
      of,
      sent.reduce((sum, file) => sum + file.bytes, 0),
    )
    return [{ stem, bytes, of, rate: this.meters.rate(stem, now, bytes) }]
  }
}
