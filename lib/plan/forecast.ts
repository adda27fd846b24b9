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

/** One step of the work on a night: wall seconds on an idle machine, bytes through link and disk, and CPU seconds. */
interface Work {
  readonly seconds: number
  readonly link: number
  readonly disk: number
  readonly cores: number
}

/**
 * Estimates a make command as the largest of four lower bounds: link, cores, disk, and the slowest night by itself.
 * It assumes that all work overlaps, so it is too low: by a few per cent for many nights, by more for a few.
 */
export function forecast(nights: readonly Sized[], site: Site, steps: Steps): Forecast {
  // Only `make lake` uses several nodes.
  const cores = steps.work === 'convert' && !steps.download ? site.cores * site.nodes : site.cores
  const works = nights.map(({ bytes }) => workOf(bytes, site, steps))
  const total = (works: readonly Work[], key: keyof Work) => sum(works.map(work => work[key]))
  const bounds = {
    link: total(works.flat(), 'link') / site.link,
    cores: total(works.flat(), 'cores') / (cores * UTILIZATION),
    disk: total(works.flat(), 'disk') / site.disk,
    'one night': Math.max(...works.map(steps => total(steps, 'seconds'))),
  }
  const limit = LIMITING.reduce((worst, resource) => (bounds[resource] > bounds[worst] ? resource : worst))
  return { seconds: bounds[limit], peak: peakOf(nights, cores, steps), bounds, limit }
}

function workOf(bytes: number, { link }: Site, { download, work, ahead }: Steps): Work[] {
  const lake = expectedLake(bytes)
  const works: Work[] = []
  // Concurrent downloads share the link evenly. A tarball is written once, and read once for its MD5.
  if (download) {
    const seconds = Math.max(RATES.download.start, bytes / (link / DOWNLOADS))
    works.push({ seconds, link: bytes, disk: 2 * bytes, cores: cpuSeconds(RATES.download, bytes) })
  }
  if (work === 'convert') works.push(localWork(RATES.convert, bytes, bytes + lake))
  // A tarball is removed only after its night has been checked.
  if (work === 'check' || ahead !== undefined) works.push(localWork(RATES.check, lake, lake))
  return works
}

function localWork(rate: Rate, bytes: number, disk: number): Work {
  return { seconds: rate.start + (rate.wall * bytes) / 1e9, link: 0, disk, cores: cpuSeconds(rate, bytes) }
}

function cpuSeconds({ start, cpu }: Rate, bytes: number): number {
  return start + (cpu * bytes) / 1e9
}

/** Peak disk usage in bytes: tarballs and lake. */
function peakOf(nights: readonly Sized[], workers: number, { download, work, ahead }: Steps): number {
  const sizes = nights.map(night => night.bytes).sort((a, b) => b - a)
  const bytes = sum(sizes)
  const lake = work === 'convert' ? expectedLake(bytes) : 0
  if (ahead === undefined) return bytes + lake
  if (download) return Math.min(bytes, Math.max(ahead, sizes[0] ?? 0)) + lake
  // Each night frees more space than it takes. The peak is while the first nights, the largest, are converted.
  return bytes + expectedLake(sum(sizes.slice(0, workers)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
