/** Maximum time over which a rate is measured, in ms. */
const WINDOW_MS = 60_000
/** Minimum time over which a rate is measured, in ms. */
const SHORTEST_MS = 900

/** Measures bytes per second over the last minute. */
export class RateMeter {
  private readonly samples: { time: number; bytes: number }[] = []

  /**
   * Adds a sample.
   * @param time in ms
   * @param bytes total so far
   * @returns bytes per second, at least 0; undefined until the samples span about a second
   */
  rate(time: number, bytes: number): number | undefined {
    this.samples.push({ time, bytes })
    while (this.samples[1] && this.samples[1].time <= time - WINDOW_MS) this.samples.shift()
    const first = this.samples[0] as { time: number; bytes: number }
    if (time - first.time < SHORTEST_MS) return undefined
    return (Math.max(0, bytes - first.bytes) / (time - first.time)) * 1000
  }
}

export class RateMeters {
  private readonly meters = new Map<string, RateMeter>()

  rate(name: string, time: number, bytes: number): number | undefined {
    const meter = this.meters.get(name) ?? new RateMeter()
    this.meters.set(name, meter)
    return meter.rate(time, bytes)
  }

  drop(name: string): void {
    this.meters.delete(name)
  }
}
