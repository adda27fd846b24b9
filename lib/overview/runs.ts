/** A night's conversion, as its manifest and that file's time of change tell. */
export interface Converted {
  /** When it ended, in ms since 1970. */
  readonly converted: number
  readonly seconds: number
  readonly alerts: number
  /** Bytes of tar.gz. */
  readonly bytes: number
}

/** Conversions that went on with no long pause between them. */
export interface Run {
  /** In ms since 1970. */
  readonly start: number
  readonly end: number
  readonly nights: number
  readonly alerts: number
  readonly bytes: number
}

/** Longer than a run of `make all` waits for its next tarball, in ms. */
const PAUSE = 10 * 60_000

/** The runs that converted the nights, in the order of their time: no log is kept, manifests know enough. */
export function runsOf(nights: readonly Converted[]): Run[] {
  const alone = nights.map(({ converted, seconds, alerts, bytes }): Run => {
    return { start: converted - seconds * 1000, end: converted, nights: 1, alerts, bytes }
  })
  const runs: Run[] = []
  for (const next of alone.sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last && next.start <= last.end + PAUSE) runs[runs.length - 1] = together(last, next)
    else runs.push(next)
  }
  return runs
}

function together(a: Run, b: Run): Run {
  return {
    start: a.start,
    end: Math.max(a.end, b.end),
    nights: a.nights + b.nights,
    alerts: a.alerts + b.alerts,
    bytes: a.bytes + b.bytes,
  }
}
