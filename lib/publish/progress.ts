import type { RunningNight } from '../progress/model.ts'
import { StageMeter } from '../progress/stage-meter.ts'
import type { Sent } from './copier.ts'

/** Progress of a run that publishes nights, or checks published ones. */
export class PublishProgress extends StageMeter {
  /** Counters of the files that are being sent or have been sent, by the stem of their night. */
  private readonly sent = new Map<string, Sent[]>()

  constructor(verb: 'publishing' | 'checking' = 'publishing') {
    super(verb)
  }

  /** @param bytes size of the night's files */
  add(stem: string, bytes: number): void {
    this.unfinished.set(stem, bytes)
    this.sent.set(stem, [])
  }

  /** Returns a new counter for one file of a night. */
  counter(stem: string): Sent {
    const sent = { bytes: 0 }
    this.sent.get(stem)?.push(sent)
    return sent
  }

  override end(night: { readonly stem: string; readonly failed?: boolean }): void {
    super.end(night)
    this.sent.delete(night.stem)
  }

  protected async running(now: number): Promise<RunningNight[]> {
    return [...this.unfinished].flatMap(([stem, of]) => {
      const sent = this.sent.get(stem) ?? []
      if (sent.length === 0) return []
      const total = sent.reduce((sum, file) => sum + file.bytes, 0)
      const bytes = Math.min(of, total)
      return [{ stem, bytes, of, rate: this.meters.rate(stem, now, bytes) }]
    })
  }
}
