/** What happened longer ago than this, in ms, says nothing of how long the rest takes. */
const WINDOW = 60_000
/** Less time than this, in ms, tells no rate. */
const LEAST = 900

/** How fast something gets on: what it had done when it was looked at within the last minute. */
export class RateMeter {
  private readonly looks: { at: number; bytes: number }[] = []

  /**
   * Takes down how many bytes are done at a time, in ms.
   * @returns bytes a second, never below 0; undefined where it has not been looked at for long enough
   */
  rate(at: number, bytes: number): number | undefined {
    this.looks.push({ at, bytes })
    while (this.looks[1] && this.looks[1].at <= at - WINDOW) this.looks.shift()
    const first = this.looks[0] as { at: number; bytes: number }
    if (at - first.at < LEAST) return undefined
    return (Math.max(0, bytes - first.bytes) / (at - first.at)) * 1000
  }
}

/** A meter for each of several, by name. */
export class RateMeters {
  private readonly meters = new Map<string, RateMeter>()

  rate(name: string, at: number, bytes: number): number | undefined {
    const meter = this.meters.get(name) ?? new RateMeter()
    this.meters.set(name, meter)
    return meter.rate(at, bytes)
  }

  drop(name: string): void {
    this.meters.delete(name)
  }
}
