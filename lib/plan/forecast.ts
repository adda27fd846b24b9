import { expectedLake } from '../archive/estimates.ts'
import type { Sized } from '../core/share.ts'
import { Schedule, type Steps, workOf } from './schedule.ts'

/** What may bind. */
export const BOUNDS = ['link', 'cores', 'disk', 'one night'] as const
type Bound = (typeof BOUNDS)[number]

/** What a make command takes. */
export interface Forecast {
  readonly seconds: number
  /** Bytes on the disk at most. */
  readonly peak: number
  /** Seconds below which it cannot be, by what forbids it: a thing that all share, or the largest night alone. */
  readonly bounds: Readonly<Record<Bound, number>>
  /** The largest of them; or AHEAD, where downloads wait for it. */
  readonly binds: Bound | 'AHEAD'
}

/** AHEAD binds where all takes more than so many times as long with it as without: a few waits are no bound. */
const LONGER = 1.25

/**
 * Foretells a make command; of several nodes, only `make lake` uses more than one.
 * @param nights in the lists' order
 */
export function forecast(nights: readonly Sized[], site: Site, steps: Steps): Forecast {
  const spread = steps.work === 'convert' && !steps.download
  const where = spread ? site : { ...site, nodes: 1 }
  const bounds = boundsOf(nights, where, steps)
  const binds = BOUNDS.reduce((most, bound) => (bounds[bound] > bounds[most] ? bound : most))
  const played = new Schedule(nights, where, steps).run()
  return { ...played, bounds, binds: waits(played.seconds, nights, where, steps) ? 'AHEAD' : binds }
}

/** Whether so many seconds are more than it would take if downloads had not to wait for AHEAD. */
function waits(seconds: number, nights: readonly Sized[], site: Site, steps: Steps): boolean {
  if (!steps.download || steps.ahead === undefined) return false
  const free = new Schedule(nights, site, { ...steps, ahead: Number.POSITIVE_INFINITY }).run()
  return seconds > LONGER * free.seconds
}

function boundsOf(nights: readonly Sized[], site: Site, steps: Steps): Forecast['bounds'] {
  const works = nights.map(night => {
    const parts = [steps.download ? WORKS.download(night.bytes, site) : [], workOf(night, steps) ?? []].flat()
    return parts.reduce(inTurn)
  })
  const sum = (name: string) => works.reduce((total, { uses }) => total + (uses[name] ?? 0), 0)
  return {
    link: sum('link') / site.link,
    cores: sum('cores') / (site.cores * site.nodes * BUSY),
    disk: sum('disk') / site.disk,
    'one night': Math.max(...works.map(({ seconds }) => seconds)),
  }
}

/** Work of one process on one night: so much to begin with, and so much for each 10^9 bytes. */
interface Rate {
  /** Seconds of processor, and of wall time where nothing else is at work. */
  readonly start: number
  /** Seconds for 10^9 bytes where nothing else is at work. */
  readonly wall: number
  /** Processor seconds for 10^9 bytes, of all threads. */
  readonly cpu: number
}

/**
 * What a step takes, on a core of the machine that `make bench` ran on: docs/scale.md says how these follow from its
 * rows, and so how they are had for another machine.
 */
export const RATES = {
  /** Of tar.gz, as it comes over a link that is no limit; the MD5 is part of it. */
  download: { start: 0.6, wall: 0, cpu: 3.3 },
  /** Of tar.gz. */
  convert: { start: 2, wall: 3.57, cpu: 6.38 },
  /** Of lake. */
  check: { start: 0.6, wall: 1, cpu: 1.1 },
} satisfies Record<string, Rate>

/** The part of its cores that a machine has busy when all its workers have work. */
export const BUSY = 0.96

/** At once, as `make download -j5` has. Each gets its part of the link and no more, as the archive was seen to send. */
export const DOWNLOADS = 5

/** Where it is done. */
export interface Site {
  /** Of each node. */
  readonly cores: number
  readonly nodes: number
  /** Bytes a second from the archive. */
  readonly link: number
  /** Bytes a second, read and written, of the disk that holds all; of a cluster, its shared file system. */
  readonly disk: number
}

/** Some work: the seconds that it takes alone, and how much of each thing that others use too. */
export interface Work {
  readonly seconds: number
  readonly uses: Readonly<Record<string, number>>
}

/** A step of a night of so many bytes of tar.gz. */
export const WORKS = {
  download: (bytes: number, { link }: Site): Work => {
    // Written, and read again for its MD5.
    const uses = { link: bytes, disk: 2 * bytes, cores: cpuOf(RATES.download, bytes) }
    return { seconds: Math.max(RATES.download.start, bytes / (link / DOWNLOADS)), uses }
  },
  convert: (bytes: number): Work => {
    const uses = { disk: bytes + expectedLake(bytes), cores: cpuOf(RATES.convert, bytes) }
    return { seconds: wallOf(RATES.convert, bytes), uses }
  },
  check: (bytes: number): Work => {
    const lake = expectedLake(bytes)
    return { seconds: wallOf(RATES.check, lake), uses: { disk: lake, cores: cpuOf(RATES.check, lake) } }
  },
}

/** One work after the other, as one. */
export function inTurn(a: Work, b: Work): Work {
  const names = new Set([...Object.keys(a.uses), ...Object.keys(b.uses)])
  const uses = [...names].map(name => [name, (a.uses[name] ?? 0) + (b.uses[name] ?? 0)])
  return { seconds: a.seconds + b.seconds, uses: Object.fromEntries(uses) }
}

function wallOf({ start, wall }: Rate, bytes: number): number {
  return start + (wall * bytes) / 1e9
}

function cpuOf({ start, cpu }: Rate, bytes: number): number {
  return start + (cpu * bytes) / 1e9
}
