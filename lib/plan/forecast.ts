import { expectedLake } from '../archive/estimates.ts'
import type { Sized } from '../core/share.ts'

/** Cost of one process handling one night: a fixed part, and a part per 10^9 bytes. */
interface Rate {
  /** CPU and wall seconds to start. */
  readonly start: number
  /** Wall seconds per 10^9 bytes on an idle machine. */
  readonly wall: number
  /** CPU seconds per 10^9 bytes, all threads together. */
  readonly cpu: number
}

/** Rates of the machine that docs/performance.md describes, from `make bench`. */
export const RATES = {
  /** Per byte of tar.gz, including its MD5, over a link that is not the limit. */
  download: { start: 0.6, wall: 0, cpu: 3.3 },
  /** Per byte of tar.gz. */
  convert: { start: 2, wall: 3.57, cpu: 6.38 },
  /** Per byte of lake. */
  check: { start: 0.6, wall: 1, cpu: 1.1 },
} satisfies Record<string, Rate>

/** Fraction of its cores that a machine keeps busy when every worker has work (measured). */
export const UTILIZATION = 0.96

/** Concurrent downloads, as in `make download -j5`. */
export const DOWNLOADS = 5

/** The machine or cluster. */
export interface Site {
  /** Cores per node. */
  readonly cores: number
  readonly nodes: number
  /** Bytes per second from the archive. */
  readonly link: number
  /** Bytes per second, read plus written, of the disk or shared file system that holds everything. */
  readonly disk: number
}

/** The steps of a make command. */
export interface Steps {
  /** Whether tarballs are downloaded; otherwise they are on disk already. */
  readonly download: boolean
  readonly work?: 'convert' | 'check'
  /** For KEEP_TARS=no: bytes of tarballs that may wait to be converted. Absent if tarballs are kept. */
  readonly ahead?: number
}

/** The resources that may limit a command. */
export const LIMITING = ['link', 'cores', 'disk', 'one night'] as const
type Resource = (typeof LIMITING)[number]

export interface Forecast {
  readonly seconds: number
  /** Peak disk usage in bytes. */
  readonly peak: number
  /** Seconds that each resource needs by itself. */
  readonly bounds: Readonly<Record<Resource, number>>
  /** The resource with the largest bound. */
  readonly limit: Resource
}

/** Work on one night: wall seconds on an idle machine, bytes through the link and the disk, and CPU seconds. */
interface Work {
  readonly seconds: number
  readonly link: number
  readonly disk: number
  readonly cores: number
}

/**
 * Estimates a make command as the largest of four lower bounds: link, cores, disk, and the slowest night by itself.
 * Downloads and conversions overlap, so the estimate is a few per cent low for large selections and more for a few nights.
 */
export function forecast(nights: readonly Sized[], site: Site, steps: Steps): Forecast {
  // Only `make lake` uses several nodes.
  const nodes = steps.work === 'convert' && !steps.download ? site.nodes : 1
  const works = nights.map(({ bytes }) => workOf(bytes, site, steps))
  const total = (resource: 'link' | 'disk' | 'cores') => sum(works.map(work => work[resource]))
  const bounds = {
    link: total('link') / site.link,
    cores: total('cores') / (site.cores * nodes * UTILIZATION),
    disk: total('disk') / site.disk,
    'one night': Math.max(...works.map(({ seconds }) => seconds)),
  }
  const limit = LIMITING.reduce((worst, resource) => (bounds[resource] > bounds[worst] ? resource : worst))
  return { seconds: bounds[limit], peak: peakOf(nights, site.cores * nodes, steps), bounds, limit }
}

function workOf(bytes: number, site: Site, { download, work, ahead }: Steps): Work {
  const steps = []
  if (download) steps.push(downloadWork(bytes, site))
  if (work === 'convert') steps.push(convertWork(bytes))
  // A tarball is removed only after its night has been checked.
  if (work === 'check' || ahead !== undefined) steps.push(checkWork(bytes))
  return steps.reduce((a, b) => ({
    seconds: a.seconds + b.seconds,
    link: a.link + b.link,
    disk: a.disk + b.disk,
    cores: a.cores + b.cores,
  }))
}

/** Concurrent downloads share the link evenly. A tarball is written once, and read once for its MD5. */
function downloadWork(bytes: number, { link }: Site): Work {
  const seconds = Math.max(RATES.download.start, bytes / (link / DOWNLOADS))
  return { seconds, link: bytes, disk: 2 * bytes, cores: cpuSeconds(RATES.download, bytes) }
}

function convertWork(bytes: number): Work {
  const { convert } = RATES
  const disk = bytes + expectedLake(bytes)
  return { seconds: wallSeconds(convert, bytes), link: 0, disk, cores: cpuSeconds(convert, bytes) }
}

function checkWork(bytes: number): Work {
  const { check } = RATES
  const lake = expectedLake(bytes)
  return { seconds: wallSeconds(check, lake), link: 0, disk: lake, cores: cpuSeconds(check, lake) }
}

/** Peak disk usage in bytes: tarballs and lake. */
function peakOf(nights: readonly Sized[], workers: number, { download, work, ahead }: Steps): number {
  const sizes = nights.map(night => night.bytes).sort((a, b) => b - a)
  const bytes = sum(sizes)
  const lake = work === 'convert' ? expectedLake(bytes) : 0
  if (ahead === undefined) return bytes + lake
  if (download) return Math.min(bytes, Math.max(ahead, sizes[0] ?? 0)) + lake
  // The lake is smaller than the tarballs that are removed for it: the peak is while the first, the largest, are converted.
  return bytes + expectedLake(sum(sizes.slice(0, workers)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function wallSeconds({ start, wall }: Rate, bytes: number): number {
  return start + (wall * bytes) / 1e9
}

function cpuSeconds({ start, cpu }: Rate, bytes: number): number {
  return start + (cpu * bytes) / 1e9
}
