import { expectedLake } from '../archive/census.ts'

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
